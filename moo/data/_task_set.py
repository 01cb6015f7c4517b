"""`TaskSet`: many regressions of one kind, each with rows of its own."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moo.data import _splits
from moo.data._checks import check_int
from moo.data._error import DataError
from moo.data._record import Record


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TaskSet(Record):
    """T tasks with the same features and different rows, padded to the longest task.

    The length of the record is T; `take` chooses tasks.

    Args:
        features: (T, L, d) float32, 0 in the padding.
        targets: (T, L) float32, 0 in the padding.
        lengths: (T,) int32, rows of each task, at least 1.

    Raises:
        DataError: if lengths do not fit, or a number is not finite.

    Example:
        >>> import numpy as np
        >>> two = TaskSet(name="two", features=np.ones((2, 3, 5), np.float32),
        ...               targets=np.array([[1, 2, 3], [4, 0, 0]], np.float32),
        ...               lengths=np.array([3, 1], np.int32))
        >>> two
        TaskSet('two': 2 tasks, 4 rows, 5 features)
        >>> two.mask.tolist()
        [[True, True, True], [True, False, False]]
    """

    features: NDArray[np.float32]
    targets: NDArray[np.float32]
    lengths: NDArray[np.int32]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.features.shape[:2] != self.targets.shape:
            raise DataError(
                f"{self.name}: features {self.features.shape} and targets {self.targets.shape} "
                "do not fit"
            )
        if np.any((self.lengths < 1) | (self.lengths > self.targets.shape[1])):
            raise DataError(f"{self.name}: lengths must be in [1, {self.targets.shape[1]}]")

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which rows are no padding, (T, L) bool."""
        inside: NDArray[np.bool_] = np.arange(self.targets.shape[1]) < self.lengths[:, None]
        return inside

    def split_at_random(
        self, fractions: Sequence[float], *, seed: int = 0
    ) -> tuple["TaskSet", ...]:
        """Cut a random order of each task's rows by `fractions`; every part has every task.

        Raises:
            DataError: when a task has too few rows for a part.
        """
        check_int("seed", seed, 0)
        first = seed * len(self)
        index = [
            _splits.at_random(int(length), fractions, first + task)
            for task, length in enumerate(self.lengths)
        ]
        return tuple(self._part([parts[part] for parts in index]) for part in range(len(fractions)))

    def _part(self, index: Sequence[NDArray[np.intp]]) -> "TaskSet":
        features = [rows[keep] for rows, keep in zip(self.features, index, strict=True)]
        targets = [rows[keep] for rows, keep in zip(self.targets, index, strict=True)]
        return dataclasses.replace(self, **pad(features, targets))

    def __repr__(self) -> str:
        return (
            f"TaskSet({self.name!r}: {len(self)} tasks, {self.lengths.sum():,} rows, "
            f"{self.features.shape[2]} features)"
        )


def pad(
    features: Sequence[NDArray[np.generic]], targets: Sequence[NDArray[np.generic]]
) -> dict[str, Any]:
    """Return the arrays of a `TaskSet` from the rows (n_t, d) and targets (n_t,) of each task."""
    lengths = np.array([len(rows) for rows in features], np.int32)
    shape = (len(features), int(lengths.max()))
    padded = np.zeros((*shape, features[0].shape[1]), np.float32)
    goals = np.zeros(shape, np.float32)
    for task, length in enumerate(lengths):
        padded[task, :length] = features[task]
        goals[task, :length] = targets[task]
    return {"features": padded, "targets": goals, "lengths": lengths}
