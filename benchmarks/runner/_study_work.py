"""Studies: a block trains one model a seed, and measures it on validation and on test rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.runner._block import Block
from benchmarks.runner._steps import Row, tuned
from benchmarks.runner._study_program import StudyProgram, Trained
from moo.data import Batches

_LEAST = 1e-12  # an objective without a label among the rows has loss 0 at all times


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
        self.facts: dict[str, Any] = {"data": self._study.checksum} if self._study.checksum else {}

    def begin(self) -> Trained:
        """Return initial parameters and the optimizer's states."""
        return self._program.begin(self._seeds, self._tuned)

    def advance(self, state: Trained, step: int, count: int) -> tuple[Trained, Row]:
        """Take `count` steps from the given one."""
        rows = np.zeros((len(self._orders), self._every, self._study.batch_size), np.int32)
        for lane, order in enumerate(self._orders):
            for i in range(count):
                rows[lane, i] = order[step + i]["row"]
        return self._program.advance(state, self._tuned, rows, count)

    def record(self, state: Trained) -> tuple[Trained, dict[str, np.ndarray]]:
        """Return losses and metrics on the validation rows; the state remembers its best."""
        losses, predictions = self._program.validate(state)
        measured = [list(self._study.validation.measure(lane).values()) for lane in predictions]
        kept = {"losses": losses, "metrics": np.array(measured, np.float64)}
        return self._program.keep_best(state, self._level(kept)), kept

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
        """Return the row that is best on validation rows; of equal ones, the first."""
        return int(np.argmin(self._level({name: rows[0] for name, rows in recorded.items()})))

    def examine(self, state: Trained) -> list[dict[str, Any]]:
        """Return metrics of the best parameters on the test rows, and what else is to be known."""
        inspected = self._program.inspect(state)
        return [
            {name: _number(value) for name, value in self._study.test.measure(one).items()}
            | {name: _number(values[lane]) for name, values in inspected.items()}
            for lane, one in enumerate(self._program.predict(state))
        ]

    def _level(self, kept: Mapping[str, np.ndarray]) -> np.ndarray:
        names = self._study.validation.names
        columns = [names.index(name) for name in self._study.chosen_by]
        return total(kept["metrics"][..., columns]) if columns else level(kept["losses"])

    def _order(self, seed: int, steps: int) -> Batches:
        """Return the rows of each step's batch: batch k depends on the seed and on k alone."""
        count = len(next(iter(self._study.train.values())))
        size = self._study.batch_size
        epochs = -(-steps // max(count // size, 1))
        return Batches({"row": np.arange(count, dtype=np.int32)}, size, epochs=epochs, seed=seed)


def level(losses: np.ndarray) -> np.ndarray:
    """Return the logarithm of the geometric mean of losses (..., m), by which a step is chosen.

    With equal backward passes some methods take many more steps than others, and would be judged
    by how far they overfit. The geometric mean knows no units of the losses. A row with NaN comes
    before all others: it is where the run failed.

    Example:
        >>> level(np.array([[1.0, 4.0], [2.0, 3.0], [1.0, np.nan]])).tolist()
        [0.6931471824645996, 0.8958797454833984, -inf]
    """
    logs = np.log(np.maximum(losses.astype(np.float64), _LEAST)).mean(axis=-1)
    return np.where(np.isfinite(logs), logs, -np.inf).astype(np.float32)


def total(log_losses: np.ndarray) -> np.ndarray:
    """Return the sum of log-losses (..., m), by which a step is chosen where all are in nats.

    Not their geometric mean: where no validation row converts, the log-loss of conversions falls
    without end as the predicted rate does, and its logarithm would outvote all else. A row with NaN
    comes before all others.

    Example:
        >>> total(np.array([[0.25, 0.5], [np.nan, 0.5]])).tolist()
        [0.75, -inf]
    """
    sums = log_losses.astype(np.float64).sum(axis=-1)
    return np.where(np.isfinite(sums), sums, -np.inf).astype(np.float32)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
