"""Screening: choose from a pool by predictions, and score the choice by what was measured."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import moo

Float64 = NDArray[np.float64]

# Share of the pool's range by which the reference point lies beyond its worst, so that the ends
# of the front count.
_BEYOND = 0.1
# Share of the plain sum in a score: of two that tie in the largest term the better one comes first.
_AUGMENTED = 1e-3


class Screening(NamedTuple):
    """What a choice from a pool is worth.

    Attributes:
        pool: how many could be chosen.
        chosen: how many were.
        hypervolume: that of the chosen ones' measured objectives; each objective runs from 0, the
            pool's best, to 1, its worst, and the reference point is 1.1.
        share: of the whole pool's hypervolume, in (0, 1]; 1 if nothing on the front was missed.
    """

    pool: int
    chosen: int
    hypervolume: float
    share: float


def choose(predicted: Float64, count: int, *, partitions: int = 9) -> NDArray[np.intp]:
    r"""Choose by a sweep of preferences: each in turn takes the best that is left.

    A preference $w$ on the simplex ranks by the augmented Chebyshev score
    $\max_i w_i f_i + 10^{-3} \sum_i f_i$ with every $f_i$ scaled to [0, 1] over the pool.

    Args:
        predicted: (n, m), all objectives minimised.
        count: how many to choose, at least 1; all if there are fewer.
        partitions: steps between two corners of the simplex; with two objectives there are
            `partitions + 1` preferences.

    Returns:
        Their rows in the order of choice, (min(count, n),).

    Raises:
        ValueError: if there is nothing to choose, or a prediction is not finite.

    Example:
        >>> choose(np.array([[0.0, 9.0], [1.0, 1.0], [9.0, 0.0], [9.0, 9.0]]), 3).tolist()
        [2, 1, 0]

    Source: Steuer and Choo, An interactive weighted Tchebycheff procedure for multiple objective
    programming, Mathematical Programming 1983.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    values = _scaled(_checked("predicted", predicted), predicted)
    weights = np.asarray(moo.simplex_grid(values.shape[1], partitions), np.float64)
    scores = (weights[:, None, :] * values).max(axis=2) + _AUGMENTED * values.sum(axis=1)
    rankings = [iter(ranking) for ranking in np.argsort(scores, axis=1, kind="stable")]
    chosen: dict[int, None] = {}
    while len(chosen) < min(count, len(values)):
        for ranking in rankings[: min(count, len(values)) - len(chosen)]:
            chosen[next(row for row in ranking if row not in chosen)] = None
    return np.array(list(chosen), np.intp)


def score(measured: Float64, chosen: NDArray[np.intp]) -> Screening:
    """Score a choice by the measured objectives of the whole pool.

    Args:
        measured: (n, m), all objectives minimised.
        chosen: rows of the pool, (k,).

    Raises:
        ValueError: if the pool is empty, or a number is not finite.

    Example:
        >>> found = score(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([1]))
        >>> round(found.hypervolume, 9), round(found.share, 4)  # 0.1 ** 2, of 1.1 ** 2
        (0.01, 0.0083)
    """
    values = _scaled(_checked("measured", measured), measured)
    corner = np.full(values.shape[1], 1.0 + _BEYOND)
    found = moo.metrics.hypervolume(values[chosen], corner)
    whole = moo.metrics.hypervolume(values, corner)
    return Screening(len(values), len(chosen), found, found / whole)


def by_chance(measured: Float64, count: int, *, draws: int = 100) -> float:
    """Return the mean share of random choices, which a model has to beat."""
    draw = np.random.default_rng(0)
    size = min(count, len(measured))
    rows = (draw.choice(len(measured), size, replace=False) for _ in range(draws))
    return float(np.mean([score(measured, chosen).share for chosen in rows]))


def _scaled(values: Float64, pool: Float64) -> Float64:
    """Scale so that 0 is the pool's best and 1 its worst; what is constant in the pool is 0."""
    best, worst = pool.min(axis=0), pool.max(axis=0)
    return (values - best) / np.where(worst > best, worst - best, 1.0)


def _checked(name: str, values: Float64) -> Float64:
    if values.ndim != 2 or len(values) == 0 or not np.isfinite(values).all():
        raise ValueError(f"{name} must be (n, m), n >= 1, finite, got shape {values.shape}")
    return values
