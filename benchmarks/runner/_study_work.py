"""Studies: a block trains one model a seed, and measures it on validation and on test rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.runner._block import Block
from benchmarks.runner._steps import Row, tuned
from benchmarks.runner._study_program import StudyProgram
from benchmarks.studies._study import Part
from moo.data import Batches


class StudyWork:
    """A block of cells on a study; see `benchmarks.runner._work.Work`.

    Initial parameters and the rows of every batch follow from the seed alone, so all methods meet
    the same ones.

    Args:
        program: the compiled program of the block's method, model and data set.
        block: the block.
    """

    def __init__(self, program: StudyProgram, block: Block) -> None:
        self._program, self._study, self._seeds = program, program.study, block.seeds
        self.objective_names = self._study.objective_names
        self._tuned = tuned(block.cells[0], len(self.objective_names))
        self._every = block.cells[0].every
        self._orders = [self._order(seed, block.cells[0].steps) for seed in block.seeds]
        self.state, self.seconds = program.state, program.seconds

    def begin(self) -> Any:
        """Return initial parameters and the optimizer's states."""
        return self._program.begin(self._seeds, self._tuned)

    def advance(self, state: Any, step: int, count: int) -> tuple[Any, Row]:
        """Take `count` steps from the given one."""
        rows = np.zeros((len(self._orders), self._every, self._study.batch_size), np.int32)
        for lane, order in enumerate(self._orders):
            for i in range(count):
                rows[lane, i] = order[step + i]["row"]
        return self._program.advance(state, self._tuned, rows, count)

    def record(self, state: Any) -> dict[str, np.ndarray]:
        """Return losses and metrics on the validation rows, and metrics on the test rows."""
        losses, predictions = self._program.validate(state)
        return {
            "losses": losses,
            "metrics": _measured(self._study.validation, predictions),
            "test": _measured(self._study.test, self._program.predict(state)),
        }

    def measure(
        self, steps: np.ndarray, recorded: Mapping[str, np.ndarray]
    ) -> list[dict[str, Any]]:
        """Return validation losses and metrics at each recorded step."""
        names = self._study.validation.names
        rows = zip(steps, recorded["losses"][0], recorded["metrics"][0], strict=True)
        return [
            {"step": int(step), "objectives": [_number(loss) for loss in losses]}
            | {name: _number(value) for name, value in zip(names, metrics, strict=True)}
            for step, losses, metrics in rows
        ]

    def choose(self, recorded: Mapping[str, np.ndarray]) -> int:
        """Return the row of the least mean loss on validation; of equal ones, the first.

        With equal backward passes some methods take many more steps than others, and would be
        judged by how far they overfit. A run that met NaN is judged by its end.
        """
        means = recorded["losses"][0].mean(axis=1)
        return int(np.argmin(means)) if np.isfinite(means).all() else len(means) - 1

    def test(self, recorded: Mapping[str, np.ndarray], row: int) -> dict[str, Any]:
        """Return metrics on the test rows."""
        values = recorded["test"][0, row]
        named = zip(self._study.test.names, values, strict=True)
        return {name: _number(value) for name, value in named}

    def _order(self, seed: int, steps: int) -> Batches:
        """Return the rows of each step's batch: batch k depends on the seed and on k alone."""
        count = len(next(iter(self._study.train.values())))
        size = self._study.batch_size
        epochs = -(-steps // max(count // size, 1))
        return Batches({"row": np.arange(count, dtype=np.int32)}, size, epochs=epochs, seed=seed)


def _measured(part: Part, predictions: np.ndarray) -> np.ndarray:
    """Return metrics (L, k) of predictions (L, n, ...), in the order of the part's names."""
    found = [part.measure(lane) for lane in predictions]
    return np.array([[one[name] for name in part.names] for one in found], np.float64)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
