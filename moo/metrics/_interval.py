"""The mean over seeds with a confidence interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from moo.metrics._checks import Float64

_FEW = 10
_RESAMPLES = 9999


class Interval(NamedTuple):
    """A mean with its confidence interval.

    Attributes:
        mean: the arithmetic mean.
        low: lower end; NaN for fewer than two values.
        high: upper end; NaN for fewer than two values.
        n: number of values.
    """

    mean: float
    low: float
    high: float
    n: int


def interval(
    values: ArrayLike, confidence: float = 0.95, seed: int = 0, method: str = "auto"
) -> Interval:
    """Mean of a metric over seeds, with a confidence interval.

    Args:
        values: one value a seed, `(n,)`, n > 0.
        confidence: coverage, in (0, 1).
        seed: seeds the resampling; the same values give the same interval.
        method: "bootstrap" takes percentiles of 9999 resampled means; "t" takes Student's
            interval mean -/+ t s / sqrt(n); "auto" takes "t" below ten values, where a bootstrap
            is far too narrow (of three values it is at most their range), and else "bootstrap".

    Returns:
        Mean, low, high and n. The bounds are NaN for fewer than two values; all three are NaN
        where a value is not finite: failed seeds are to be counted, not hidden.

    Raises:
        ValueError: if values is empty or not of shape (n,), or an option is out of its range.

    Example:
        >>> from moo.metrics import interval
        >>> mean, low, high, n = interval([1.0, 2.0, 3.0])
        >>> round(low, 3), mean, round(high, 3), n
        (-0.484, 2.0, 4.484, 3)

    Source: Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13.
    """
    x = _checked(values, confidence, method)
    n = len(x)
    if not np.isfinite(x).all():
        return Interval(float("nan"), float("nan"), float("nan"), n)
    mean = float(x.mean())
    if n < 2:
        return Interval(mean, float("nan"), float("nan"), n)
    tail = (1 - confidence) / 2
    resample = method == "bootstrap" or (method == "auto" and n >= _FEW)
    low, high = _bootstrap(x, tail, seed) if resample else _student(x, tail)
    return Interval(mean, low, high, n)


def _bootstrap(x: Float64, tail: float, seed: int) -> tuple[float, float]:
    draws = np.random.default_rng(seed).integers(0, len(x), (_RESAMPLES, len(x)))
    low, high = np.quantile(x[draws].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def _student(x: Float64, tail: float) -> tuple[float, float]:
    half = float(stdtrit(len(x) - 1, 1 - tail) * x.std(ddof=1) / np.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def _checked(values: ArrayLike, confidence: float, method: str) -> Float64:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"values: must have shape (n,) with n > 0, got {x.shape}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: must be in (0, 1), got {confidence}")
    if method not in ("auto", "bootstrap", "t"):
        raise ValueError(f"method: must be 'auto', 'bootstrap' or 't', got {method!r}")
    return x
