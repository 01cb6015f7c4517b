"""Lines with bands over runs (starts or seeds), and what the band means in words."""

from __future__ import annotations

import warnings
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from moo.plotting._bootstrap import interval, resampled_means
from moo.plotting._inputs import Float
from moo.plotting._series import count_words

Band: TypeAlias = Literal["quantile", "sem", "bootstrap"] | None

_WORDS = {
    "quantile": "median and interquartile range",
    "sem": "mean ± standard error",
    "bootstrap": "mean and 95 % bootstrap interval",
    None: "mean",
}


def check_band(band: Band) -> None:
    """Raise unless the band is one that `summary` knows."""
    if band not in _WORDS:
        raise ValueError(f'band must be "quantile", "sem", "bootstrap" or None, got {band!r}')


def summary(runs: Float, band: Band) -> tuple[Float, Float, Float]:
    """Return the middle, lower and upper line of (runs, time) values; NaN entries do not count.

    Args:
        runs: (runs, time).
        band: "quantile": median and quartiles; "sem": mean ∓ standard error (sample standard
            deviation over sqrt n); "bootstrap": mean and the central 95 % of the means of 2,000
            resamples of whole runs; None: mean only.

    Example:
        >>> middle, low, high = summary(np.array([[1.0], [2.0], [3.0]]), "sem")
        >>> middle.tolist(), (high - middle).round(3).tolist()
        ([2.0], [0.577])
    """
    runs = np.asarray(runs, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a time at which every run is NaN
        if band == "quantile":
            low, middle, high = np.nanquantile(runs, [0.25, 0.5, 0.75], axis=0)
            return middle, low, high
        middle = np.nanmean(runs, axis=0)
        if band is None or len(runs) < 2:
            return middle, middle, middle
        if band == "bootstrap":
            return middle, *interval(resampled_means(runs))
        counts = np.isfinite(runs).sum(axis=0)
        error = np.nanstd(runs, axis=0, ddof=1) / np.sqrt(counts)
    return middle, middle - error, middle + error


def draw_band(
    axes: Axes, steps: Float, runs: Float, band: Band, *, alpha: float = 0.2, **line: Any
) -> None:
    """Draw the middle line of (runs, time) values with its band in the same colour."""
    middle, low, high = summary(runs, band)
    if band is not None and len(runs) > 1:
        axes.fill_between(steps, low, high, color=line["color"], alpha=alpha, linewidth=0)
    axes.plot(steps, middle, **line)


def band_alpha(lines: int) -> float:
    """Opacity of bands: lighter where many lie over each other."""
    return min(0.2, 0.6 / lines)


def caption(counts: set[int], band: Band) -> str:
    """What lines and bands are, with the number of runs: the words under a figure."""
    if counts == {1}:
        return "one run each"
    return f"{_WORDS[band]}, {count_words(counts)}"
