"""A block of cells: seeds of one cell that run side by side, and their common checkpoint."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

import moo
from benchmarks.runner import _checkpoint, _folder, _journal, _measure
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._environment import environment
from benchmarks.runner._program import Spec
from benchmarks.runner._steps import Row
from benchmarks.runner._work import Work

METRICS, TRAJECTORY, TEST = "metrics.jsonl", "trajectory.npz", "test.json"


class Block(NamedTuple):
    """Cells that differ in their seed only, and so run side by side.

    Attributes:
        cells: those that are wanted, by seed.
        seeds: all seeds of the block, as many as the program is wide: a cell's bits do not depend
            on which of its neighbours are wanted.
    """

    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]

    @property
    def spec(self) -> Spec:
        """The problem."""
        return self.cells[0].problem, canonical(self.cells[0].problem_options)

    @property
    def address(self) -> str:
        """The block's name on disk: the address of its first seed's cell."""
        return dataclasses.replace(self.cells[0], seed=self.seeds[0]).address


class Limits(NamedTuple):
    """When a checkpoint is written, and when a run ends before its end.

    Attributes:
        seconds: between two checkpoints; results do not depend on it.
        stop: asked after every chunk; true ends the run, after a checkpoint.
    """

    seconds: float = 10.0
    stop: Callable[[], bool] = lambda: False


class BlockRun:
    """The run of a block, from its start or its checkpoint to its summaries.

    Args:
        work: what the block does, compiled.
        block: the block.
        pending: those of its cells that are not finished.
        root: folder of the sweep.
    """

    def __init__(self, work: Work, block: Block, pending: Sequence[Cell], root: Path) -> None:
        self.work, self.block, self.pending, self.root = work, block, pending, root
        self.cell, self.note = block.cells[0], ""
        self._checkpoint = root / "checkpoints" / f"{block.address}.npz"
        # What has been recorded so far, one entry a row; leading axis L = seeds x starts.
        self.step, self.rows = 0, dict[str, list[np.ndarray]]()
        self.state: Any = None
        self._times: list[dict[str, Any]] = []
        self._ran, self._measured, self._timed, self._journaled = 0.0, 0.0, 0, 0
        self._opened: set[Cell] = set()

    def run(self, limits: Limits) -> bool:
        """Go on from the checkpoint, or from the start, and say whether the end was reached."""
        self._resume()
        last = time.perf_counter()
        while self.step < self.cell.steps:
            if limits.stop():
                self._save()
                return False
            if time.perf_counter() - last >= limits.seconds:
                self._save()
                last = time.perf_counter()
            self._advance()
        self._record()
        return True

    def finish(self) -> list[dict[str, Any]]:
        """Write the pending cells' folders and return their summaries."""
        tested = self._examine()
        rows = [self._measure(cell) for cell in self.pending]
        self._close_time()
        # Waiting for the disk is nearly all of it, and the disk takes several files at once.
        with ThreadPoolExecutor(len(self.pending)) as pool:
            facts = list(pool.map(self._finish, self.pending, rows, tested))
        self._checkpoint.unlink(missing_ok=True)
        return facts

    def told(self, event: str, seconds: float, **facts: Any) -> None:
        """Keep what a clock said, for `timing.jsonl`."""
        self._times.append({"event": event, "seconds": round(seconds, 6), **facts})

    def _advance(self) -> None:
        """Take the steps to the next row."""
        self._record()
        started, count = time.perf_counter(), min(self.cell.every, self.cell.steps - self.step)
        self.state, row = self.work.advance(self.state, self.step, count)
        jax.block_until_ready(self.state)
        self._keep({name: leaf for name, leaf in row._asdict().items() if leaf is not None})
        self.step += count
        self._ran += time.perf_counter() - started

    def _record(self) -> None:
        started = time.perf_counter()
        self.state, kept = self.work.record(self.state)
        self._keep(kept)
        self._measured += time.perf_counter() - started

    def _measure(self, cell: Cell) -> list[dict[str, Any]]:
        """Return the rows of metrics that are not in the cell's file yet."""
        started = time.perf_counter()
        recorded = self._recorded(cell, first=self._journaled)
        rows = self.work.measure(self._steps()[self._journaled :], recorded)
        self._measured += time.perf_counter() - started
        return rows

    def _examine(self) -> list[dict[str, Any] | None]:
        """Return the metrics of each pending cell on test data, None where there are no such."""
        started = time.perf_counter()
        found = self.work.examine(self.state)
        self._measured += time.perf_counter() - started
        if found is None:
            return [None] * len(self.pending)
        return [found[self.block.seeds.index(cell.seed)] for cell in self.pending]

    def _keep(self, row: Mapping[str, Any]) -> None:
        for name, leaf in row.items():
            self.rows.setdefault(name, []).append(np.asarray(leaf))

    def _resume(self) -> None:
        """Take up the checkpoint where one can be taken up, else start from the beginning."""
        if self._checkpoint.exists():
            try:
                self._restore()
            except ValueError as error:
                self.note = f"started over: {error}"
            else:
                return
        for cell in self.pending:
            _folder.clear(self._folder(cell))
        self.state = self.work.begin()

    def _restore(self) -> None:
        found = _checkpoint.load(self._checkpoint)
        if found.facts["environment"] != self._environment():
            raise ValueError(f"{self._checkpoint} was written in another environment")
        shapes = {name: jax.ShapeDtypeStruct(*fact) for name, fact in found.facts["rows"].items()}
        tree = found.restore({"state": self.work.state, "rows": shapes})
        rows = {name: list(stacked) for name, stacked in tree["rows"].items()}
        for cell in self.pending:
            _folder.tidy(self._folder(cell))
            _journal.repair(self._folder(cell) / METRICS, keep=len(rows["losses"]))
            _journal.repair(self._folder(cell) / _folder.TIMING)
        self.state, self.step = tree["state"], found.facts["step"]
        self._timed = self.step
        self.rows, self._journaled = rows, len(rows["losses"])

    def _save(self) -> None:
        """Bring the journals up to date, then write the checkpoint that counts on them."""
        # Nothing since the start, or since the checkpoint that it went on from.
        if len(self.rows.get("losses", ())) == self._journaled:
            return
        rows_of = {cell: self._measure(cell) for cell in self.pending}
        self._close_time()
        for cell, rows in rows_of.items():
            self._write_journals(cell, rows)
        self._journaled, self._times = len(self.rows["losses"]), []
        stacked = {name: np.stack(leaves) for name, leaves in self.rows.items()}
        self._checkpoint.parent.mkdir(exist_ok=True)
        facts = {
            "step": self.step,
            "environment": self._environment(),
            "rows": {name: [list(row.shape), str(row.dtype)] for name, row in stacked.items()},
        }
        _checkpoint.save(self._checkpoint, {"state": self.state, "rows": stacked}, facts)

    def _environment(self) -> dict[str, Any]:
        return environment() | self.work.facts

    def _close_time(self) -> None:
        """Keep the time of the steps since the last call."""
        self.told("run", self._ran, first=self._timed, steps=self.step - self._timed)
        self.told("measure", self._measured)
        self._ran, self._measured, self._timed = 0.0, 0.0, self.step

    def _finish(
        self, cell: Cell, rows: Sequence[dict[str, Any]], tested: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        path = self._folder(cell)
        self._write_journals(cell, rows)
        trajectory = self._trajectory(cell)
        trajectory.save(path / TRAJECTORY)
        if tested is not None:
            _folder.write(path / TEST, canonical(tested).encode() + b"\n")
        finite = self._of(cell, self.rows["finite"])
        facts = _measure.verdict(trajectory.steps, trajectory.objectives, finite)
        facts |= {"final": self._final(cell), "steps": self.step}
        _folder.finish(path, facts)
        return facts

    def _final(self, cell: Cell) -> dict[str, Any]:
        """Return the metrics that a cell is judged by, and the step that they are of."""
        recorded = self._recorded(cell)
        row = self.work.choose(recorded)
        only = {name: values[:, [row]] for name, values in recorded.items()}
        (metrics,) = self.work.measure(self._steps()[[row]], only)
        return metrics

    def _write_journals(self, cell: Cell, rows: Sequence[dict[str, Any]]) -> None:
        """Append the rows of metrics, and the times that are not in the cell's file yet."""
        path = self._folder(cell)
        if cell not in self._opened:
            # Even where they are there: a killed run may have left them half written.
            _folder.start(path, cell, self._environment())
            self._opened.add(cell)
        _journal.append(path / METRICS, *rows)
        shared = {"seeds": len(self.block.seeds)}
        _journal.append(path / _folder.TIMING, *(entry | shared for entry in self._times))

    def _recorded(self, cell: Cell, first: int = 0) -> dict[str, np.ndarray]:
        """Return what was recorded of a cell from a row on, each (starts, time, ...)."""
        return {
            name: self._of(cell, rows[first:])
            for name, rows in self.rows.items()
            if name not in Row._fields
        }

    def _trajectory(self, cell: Cell) -> moo.Trajectory:
        weights, points = self.rows.get("weights"), self.rows.get("points")
        if weights is not None:
            weights = [*weights, np.full_like(weights[0], np.nan)]
        return moo.Trajectory(
            steps=self._steps(),
            objectives=self._of(cell, self.rows["losses"]),
            params=None if points is None else self._of(cell, points),
            weights=None if weights is None else self._of(cell, weights),
            names=self.work.objective_names,
            label=cell.method,
        )

    def _steps(self) -> np.ndarray:
        recorded = np.arange(len(self.rows["losses"])) * self.cell.every
        return np.minimum(recorded, self.cell.steps)

    def _of(self, cell: Cell, rows: Sequence[np.ndarray]) -> np.ndarray:
        """Return a cell's lanes of rows, each (L, ...), as (starts, time, ...)."""
        first = self.block.seeds.index(cell.seed) * cell.starts
        return np.stack(rows)[:, first : first + cell.starts].swapaxes(0, 1)

    def _folder(self, cell: Cell) -> Path:
        return _folder.folder(self.root, cell)
