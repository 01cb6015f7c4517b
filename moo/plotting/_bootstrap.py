"""Percentile bootstrap over runs, from a stated seed: the same interval in the same figure."""

from __future__ import annotations

import numpy as np

from moo.plotting._inputs import Float

_DRAWS = 2000
_SEED = 0
LEVEL = 0.95


def resampled_means(runs: Float) -> Float:
    """Means over (runs, points) drawn with replacement, whole runs at a time: (draws, points).

    A NaN entry does not count; a draw without a finite entry at a point is NaN there.
    """
    n = len(runs)
    drawn = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    counts = drawn.astype(float)
    finite = np.isfinite(runs)
    totals = counts @ np.where(finite, runs, 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / (counts @ finite))


def interval(draws: Float) -> tuple[Float, Float]:
    """The central 95 % of (draws, ...) resampled values, along their first axis."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    return low, high
