"""What a block does between its start and its end, whatever is trained."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from benchmarks.runner._steps import Row


class Work(Protocol):
    """The runs of a block, side by side, compiled: leading axis L = seeds x starts.

    All that a run goes on from is in its state and the number of steps taken: nothing else is in a
    checkpoint.

    Attributes:
        state: the state's structure, as `jax.ShapeDtypeStruct`.
        objective_names: names of the m objectives, or ().
        facts: what else decides the result, such as a checksum of the data.
        seconds: what compilation took.
    """

    state: Any
    objective_names: tuple[str, ...]
    facts: dict[str, Any]
    seconds: float

    def begin(self) -> Any:
        """Return the state before the first step."""

    def advance(self, state: Any, step: int, count: int) -> tuple[Any, Row]:
        """Take `count` steps from the given one."""

    def record(self, state: Any) -> tuple[Any, dict[str, np.ndarray]]:
        """Return the state, and what is kept of it, each with the leading axis L.

        `losses`, (L, m), is among the latter, and `points`, (L, d), where the parameters are. The
        state may remember what it was like when it was best.
        """

    def measure(
        self, steps: np.ndarray, recorded: Mapping[str, np.ndarray]
    ) -> list[dict[str, Any]]:
        """Return one row of metrics a step, from what was recorded: each (starts, time, ...)."""

    def choose(self, recorded: Mapping[str, np.ndarray]) -> int:
        """Return the row that a run is judged by, from all that was recorded of it."""

    def examine(self, state: Any) -> list[dict[str, Any]] | None:
        """Return the metrics on test data at those rows, by seed; None without such data."""
