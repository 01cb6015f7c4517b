"""The exponent of a power law, with its interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from moo.metrics import interval


class Fit(NamedTuple):
    """A power law c n^exponent.

    Attributes:
        exponent: its exponent; NaN where all seeds are positive at fewer than two numbers n.
        low: lower end of its interval; NaN with one seed.
        high: upper end.
    """

    exponent: float
    low: float
    high: float


def fit_power(at: ArrayLike, values: ArrayLike, *, confidence: float = 0.95) -> Fit:
    """Fit a power law to each seed's values by least squares on logarithms.

    Args:
        at: (P,) positive numbers n.
        values: (seeds, P); a number n where some seed's value is not positive is left out.
        confidence: coverage of Student's interval over seeds, in (0, 1).

    Returns:
        The mean exponent over seeds, with the interval of that mean.

    Raises:
        ValueError: if a shape does not fit, or a number n is not positive.

    Example:
        >>> fit_power([1, 10, 100], [[3.0, 0.3, 0.03], [1.0, 0.1, 0.01]]).exponent
        -1.0
    """
    x, y = np.asarray(at, dtype=float), np.atleast_2d(np.asarray(values, dtype=float))
    if x.ndim != 1 or y.ndim != 2 or y.shape[1] != len(x):
        raise ValueError(f"values must be (seeds, {x.size}) like at, got {y.shape}")
    if not (x > 0).all():
        raise ValueError(f"at must be positive, got {x.tolist()}")
    kept = (np.isfinite(y) & (y > 0)).all(axis=0)
    if kept.sum() < 2:
        return Fit(np.nan, np.nan, np.nan)
    slopes = np.polyfit(np.log(x[kept]), np.log(y[:, kept]).T, 1)[0]
    mean, low, high, _ = interval(np.round(slopes, 12), confidence, method="t")
    return Fit(mean, low, high)
