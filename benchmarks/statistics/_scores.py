"""Arrays of scores: which way is better, which runs failed, and what a failed run scores."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Estimate(NamedTuple):
    """One number a method, with its interval and the number of runs that failed.

    Attributes:
        value: `(methods,)`.
        low: lower ends, `(methods,)`; NaN where there are fewer than two seeds.
        high: upper ends, `(methods,)`; NaN where there are fewer than two seeds.
        failures: failed runs, `(methods,)`, integers.
        runs: runs a method, failed ones among them.
    """

    value: Float64
    low: Float64
    high: Float64
    failures: Int64
    runs: int


class Runs(NamedTuple):
    """Checked scores of runs, turned so that higher is better.

    Attributes:
        scores: `(methods, problems, seeds)`; NaN where the run failed.
        worst: what a failed run scores, `(problems,)`.
        signs: 1 where higher is better, -1 where lower is, `(problems,)`.
    """

    scores: Float64
    worst: Float64
    signs: Float64

    def filled(self) -> Float64:
        """Return the scores with the worst in place of failures."""
        return np.where(np.isnan(self.scores), self.worst[:, None], self.scores)

    def failures(self) -> Int64:
        """Return the number of failed runs, `(methods, problems)`."""
        return np.isnan(self.scores).sum(axis=-1)


def as_runs(scores: ArrayLike, higher_is_better: ArrayLike, worst: ArrayLike | None) -> Runs:
    """Check scores and turn them so that higher is better.

    Args:
        scores: `(methods, problems, seeds)`; a run that is not finite has failed.
        higher_is_better: one boolean, or one a problem.
        worst: what a failed run scores, a number or `(problems,)`; None takes the worst finished
            run of the problem, of any method and seed. A finished run that is worse still
            replaces it, so that no run gains by failing.

    Returns:
        The runs.

    Raises:
        ValueError: if a shape is wrong, or no run of a problem finished and `worst` is None.
    """
    x = as_cube("scores", scores)
    signs = np.where(as_flags(higher_is_better, x.shape[1]), 1.0, -1.0)
    x = np.where(np.isfinite(x), x * signs[:, None], np.nan)
    finished = np.where(np.isnan(x), np.inf, x).min(axis=(0, 2))
    if worst is None:
        if not np.isfinite(finished).all():
            problem = int(np.argmin(np.isfinite(finished)))
            raise ValueError(
                f"scores: every run of problem {problem} failed, so it has no worst score; "
                f"leave the problem out, or say what a failed run scores with worst="
            )
        return Runs(x, finished, signs)
    given = as_numbers("worst", worst, x.shape[1]) * signs
    return Runs(x, np.minimum(given, finished), signs)


def as_cube(name: str, values: ArrayLike) -> Float64:
    """Return a float64 array of shape (methods, problems, seeds), no axis empty."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 3 or x.size == 0:
        raise ValueError(
            f"{name}: must have shape (methods, problems, seeds), none of them 0, got {x.shape}"
        )
    return x


def as_numbers(name: str, values: ArrayLike, n: int) -> Float64:
    """Return n finite numbers, from one or n."""
    x = np.asarray(values, dtype=np.float64)
    if x.shape not in ((), (n,)) or not np.isfinite(x).all():
        raise ValueError(f"{name}: must be one finite number or {n} of them, got {values!r}")
    return np.broadcast_to(x, n)


def as_flags(values: ArrayLike, n: int) -> NDArray[np.bool_]:
    """Return n booleans, from one or n."""
    x = np.asarray(values)
    if x.shape not in ((), (n,)) or x.dtype != np.bool_:
        raise ValueError(f"higher_is_better: must be one boolean or {n} of them, got {values!r}")
    return np.broadcast_to(x, n)


def as_index(name: str, value: int, n: int) -> int:
    """Return the position of a method."""
    if not 0 <= value < n:
        raise ValueError(f"{name}: must be a method's position, 0 to {n - 1}, got {value}")
    return int(value)


def as_confidence(value: float) -> float:
    """Return a number in (0, 1)."""
    if not 0 < value < 1:
        raise ValueError(f"confidence: must be in (0, 1), got {value}")
    return float(value)
