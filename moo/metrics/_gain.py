"""The multi-task gain over a baseline."""

import numpy as np
from numpy.typing import ArrayLike

from moo.metrics._checks import Float64

_SIGNS = {"drop": 1.0, "gain": -1.0}


def delta_m(
    values: ArrayLike,
    baseline: ArrayLike,
    higher_is_better: ArrayLike,
    convention: str = "drop",
) -> float:
    """Mean relative change of K metrics against a baseline (Delta-m), in percent.

    Delta_m = (100 / K) sum_k (-1)^{l_k} (M_k - B_k) / B_k with l_k = 1 where higher is better.
    This is the convention "drop": **a positive number is a loss, lower is better**, as in the
    tables of CAGrad, Nash-MTL and FAMO. The convention "gain" has the opposite sign: higher is
    better, as LibMTL's improvement.

    Args:
        values: M, `(K,)`, each already a mean over seeds.
        baseline: B, `(K,)`, positive; usually one single-task model a metric.
        higher_is_better: `(K,)` booleans.
        convention: "drop" or "gain".

    Returns:
        Delta-m in percent; NaN where a value is NaN.

    Raises:
        ValueError: if shapes differ, K is 0, a baseline is not positive, or the convention is
            unknown.

    Example:
        >>> from moo.metrics import delta_m
        >>> delta_m([0.75, 0.25], [0.5, 0.5], higher_is_better=[True, False])
        -50.0
        >>> delta_m([0.75, 0.25], [0.5, 0.5], [True, False], convention="gain")
        50.0

    Source: Maninis et al., Attentive single-tasking of multiple tasks, CVPR 2019,
        arXiv:1904.08918.
    """
    if convention not in _SIGNS:
        raise ValueError(f"convention: must be one of {tuple(_SIGNS)}, got {convention!r}")
    m, b, better = _checked(values, baseline, higher_is_better)
    signs = np.where(better, -1.0, 1.0) * _SIGNS[convention]
    return float(100 * np.mean(signs * (m - b) / b))


def _checked(
    values: ArrayLike, baseline: ArrayLike, higher_is_better: ArrayLike
) -> tuple[Float64, Float64, Float64]:
    m = np.asarray(values, dtype=np.float64)
    if m.ndim != 1 or m.size == 0:
        raise ValueError(f"values: must have shape (K,) with K > 0, got {m.shape}")
    b, better = np.asarray(baseline, dtype=np.float64), np.asarray(higher_is_better)
    for name, array in {"baseline": b, "higher_is_better": better}.items():
        if array.shape != m.shape:
            raise ValueError(f"{name}: must have shape {m.shape} as values has, got {array.shape}")
    if better.dtype != np.bool_:
        raise ValueError(f"higher_is_better: must be booleans, got dtype {better.dtype}")
    if not ((b > 0) & np.isfinite(b)).all():
        raise ValueError(f"baseline: must be positive and finite, got {b}")
    return m, b, better
