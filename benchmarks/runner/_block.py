"""A block of cells: seeds of one cell that run side by side, and their common checkpoint."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

import moo
from benchmarks.runner import _checkpoint, _folder, _journal, _measure
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._environment import environment
from benchmarks.runner._program import Program, Spec, lanes_of

METRICS, TRAJECTORY = "metrics.jsonl", "trajectory.npz"


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


class Rows(NamedTuple):
    """What has been recorded so far, one entry a row; leading axis L = seeds x starts."""

    points: list[Any]  # (L, d)
    losses: list[Any]  # (L, m)
    weights: list[Any]  # (L, m), of each step but the last; empty where a method has none
    finite: list[Any]  # (L,), of each chunk

    def stacked(self) -> dict[str, np.ndarray]:
        """Return each list as one array; an empty list as no entry."""
        return {name: np.stack(rows) for name, rows in self._asdict().items() if rows}


class BlockRun:
    """The run of a block, from its start or its checkpoint to its summaries.

    Args:
        program: the compiled program of the block's method and shape.
        evaluate: (choice, points (L, d)) -> losses (L, m), free of noise.
        block: the block.
        pending: those of its cells that are not finished.
        root: folder of the sweep.
    """

    def __init__(
        self,
        program: Program,
        evaluate: Callable[[Any, Any], Any],
        block: Block,
        pending: Sequence[Cell],
        root: Path,
    ) -> None:
        self.program, self.block, self.pending, self.root = program, block, pending, root
        self.cell, self.note = block.cells[0], ""
        self._choice = program.choice(block.spec)
        self._evaluate = evaluate
        self._lanes = lanes_of(program.problems[self._choice], block.seeds, self.cell.starts)
        self._setting = program.setting(self._choice, self.cell.learning_rate)
        self._checkpoint = root / "checkpoints" / f"{block.address}.npz"
        self.step, self.rows = 0, Rows([], [], [], [])
        self.state: Any = None
        self._times: list[dict[str, Any]] = []
        self._ran, self._timed, self._journaled = 0.0, 0, 0
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
        self._close_time()
        # Waiting for the disk is nearly all of it, and the disk takes several files at once.
        with ThreadPoolExecutor(len(self.pending)) as pool:
            facts = list(pool.map(self._finish, self.pending))
        self._checkpoint.unlink(missing_ok=True)
        return facts

    def told(self, event: str, seconds: float, **facts: Any) -> None:
        """Keep what a clock said, for `timing.jsonl`."""
        self._times.append({"event": event, "seconds": round(seconds, 6), **facts})

    def _advance(self) -> None:
        """Take the steps to the next row."""
        started, count = time.perf_counter(), min(self.cell.every, self.cell.steps - self.step)
        self._record()
        self.state, row = self.program.advance(
            self.state, self._lanes, self._setting, self.step, count
        )
        jax.block_until_ready(self.state)
        if row.weights is not None:
            self.rows.weights.append(np.asarray(row.weights))
        self.rows.finite.append(np.asarray(row.finite))
        self.step += count
        self._ran += time.perf_counter() - started

    def _record(self) -> None:
        points = self.state[0]
        self.rows.points.append(np.asarray(points))
        self.rows.losses.append(np.asarray(self._evaluate(self._choice, points)))

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
        self.state = self.program.begin(self._lanes, self._setting)

    def _restore(self) -> None:
        found = _checkpoint.load(self._checkpoint)
        if found.facts["environment"] != environment():
            raise ValueError(f"{self._checkpoint} was written in another environment")
        shapes = {name: jax.ShapeDtypeStruct(*fact) for name, fact in found.facts["rows"].items()}
        tree = found.restore({"state": self.program.state, "rows": shapes})
        rows = {name: list(stacked) for name, stacked in tree["rows"].items()}
        for cell in self.pending:
            _folder.tidy(self._folder(cell))
            _journal.repair(self._folder(cell) / METRICS, keep=len(rows["points"]))
            _journal.repair(self._folder(cell) / _folder.TIMING)
        self.state, self.step = tree["state"], found.facts["step"]
        self._timed = self.step
        self.rows = Rows(*(rows.get(name, []) for name in Rows._fields))
        self._journaled = len(self.rows.points)

    def _save(self) -> None:
        """Bring the journals up to date, then write the checkpoint that counts on them."""
        if self.step == 0:
            return
        self._close_time()
        for cell in self.pending:
            self._write_journals(cell)
        self._journaled, self._times = len(self.rows.points), []
        rows = self.rows.stacked()
        self._checkpoint.parent.mkdir(exist_ok=True)
        facts = {
            "step": self.step,
            "environment": environment(),
            "rows": {name: [list(row.shape), str(row.dtype)] for name, row in rows.items()},
        }
        _checkpoint.save(self._checkpoint, {"state": self.state, "rows": rows}, facts)

    def _close_time(self) -> None:
        """Keep the time of the steps since the last call."""
        self.told("run", self._ran, first=self._timed, steps=self.step - self._timed)
        self._ran, self._timed = 0.0, self.step

    def _finish(self, cell: Cell) -> dict[str, Any]:
        path = self._folder(cell)
        last = self._write_journals(cell)
        trajectory = self._trajectory(cell)
        trajectory.save(path / TRAJECTORY)
        finite = self._of(cell, np.stack(self.rows.finite))
        facts = _measure.verdict(trajectory.steps, trajectory.objectives, finite)
        facts |= {"final": _measure.final(last), "steps": self.step}
        _folder.finish(path, facts)
        return facts

    def _write_journals(self, cell: Cell) -> dict[str, Any]:
        """Append the rows and times that are not in the cell's files yet; return the last row."""
        path = self._folder(cell)
        if cell not in self._opened:
            # Even where they are there: a killed run may have left them half written.
            _folder.start(path, cell, environment())
            self._opened.add(cell)
        losses = self._of(cell, np.stack(self.rows.losses[self._journaled :]))
        rows = _measure.rows(self.block.spec, self._steps()[self._journaled :], losses)
        _journal.append(path / METRICS, *rows)
        shared = {"seeds": len(self.block.seeds)}
        _journal.append(path / _folder.TIMING, *(entry | shared for entry in self._times))
        return rows[-1]

    def _trajectory(self, cell: Cell) -> moo.Trajectory:
        used = self.rows.weights
        weights = np.stack([*used, np.full_like(used[0], np.nan)]) if used else None
        return moo.Trajectory(
            steps=self._steps(),
            objectives=self._of(cell, np.stack(self.rows.losses)),
            params=self._of(cell, np.stack(self.rows.points)),
            weights=None if weights is None else self._of(cell, weights),
            names=self.program.problems[self._choice].objective_names,
            label=cell.method,
        )

    def _steps(self) -> np.ndarray:
        recorded = np.arange(len(self.rows.points)) * self.cell.every
        return np.minimum(recorded, self.cell.steps)

    def _of(self, cell: Cell, rows: np.ndarray) -> np.ndarray:
        """Return a cell's lanes of rows (time, L, ...) as (starts, time, ...)."""
        first = self.block.seeds.index(cell.seed) * cell.starts
        return rows[:, first : first + cell.starts].swapaxes(0, 1)

    def _folder(self, cell: Cell) -> Path:
        return _folder.folder(self.root, cell)
