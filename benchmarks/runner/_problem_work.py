"""Test problems: a block descends from the starting points of its seeds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.runner import _measure
from benchmarks.runner._block import Block
from benchmarks.runner._program import Program, evaluator, lanes_of
from benchmarks.runner._steps import Row, tuned


class ProblemWork:
    """A block of cells on a test problem; see `benchmarks.runner._work.Work`.

    Args:
        program: the compiled program of the block's method and shape.
        block: the block.
    """

    def __init__(self, program: Program, block: Block) -> None:
        cell, self._spec, self._program = block.cells[0], block.spec, program
        self._choice = program.choice(block.spec)
        problem = program.problems[self._choice]
        self._lanes = lanes_of(problem, block.seeds, cell.starts)
        self._setting = program.setting(self._choice, tuned(cell, problem.num_objectives))
        self._evaluate = evaluator(program.specs)
        self.state, self.seconds = program.state, program.seconds
        self.facts: dict[str, Any] = {}
        self.objective_names: tuple[str, ...] = problem.objective_names

    def begin(self) -> Any:
        """Return the starting points and the optimizer's states."""
        return self._program.begin(self._lanes, self._setting)

    def advance(self, state: Any, step: int, count: int) -> tuple[Any, Row]:
        """Take `count` steps from the given one."""
        return self._program.advance(state, self._lanes, self._setting, step, count)

    def record(self, state: Any) -> tuple[Any, dict[str, np.ndarray]]:
        """Return the state, and its points and losses, the latter free of noise."""
        points = state[0]
        return state, {
            "points": np.asarray(points),
            "losses": np.asarray(self._evaluate(self._choice, points)),
        }

    def measure(
        self, steps: np.ndarray, recorded: Mapping[str, np.ndarray]
    ) -> list[dict[str, Any]]:
        """Return losses, hypervolume and distance to the front at each recorded step."""
        return _measure.rows(self._spec, steps, recorded["losses"])

    def choose(self, recorded: Mapping[str, np.ndarray]) -> int:
        """Return the last row."""
        return recorded["losses"].shape[1] - 1

    def examine(self, state: Any) -> None:
        """Return nothing: a problem has no other data than itself."""
