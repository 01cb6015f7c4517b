"""How far a set of points is from a reference front: IGD+ and the additive epsilon indicator."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from moo.metrics._checks import Float64

_BLOCK = 1 << 22


def igd_plus(points: ArrayLike, front: ArrayLike) -> float:
    """Modified inverted generational distance, IGD+; all objectives minimised.

    The mean over reference points z of min_p ||max(p - z, 0)||: only how much worse p is counts,
    so that a set which dominates another one is never rated worse.

    Args:
        points: `(n, m)`, finite, n >= 1.
        front: `(k, m)` reference points, finite, k >= 1.

    Returns:
        The distance, 0 where every reference point is weakly dominated.

    Raises:
        ValueError: if the shapes do not belong together, a set is empty or not finite.

    Example:
        >>> from moo.metrics import igd_plus
        >>> igd_plus([[1.0, 1.0]], [[0.0, 2.0], [1.0, 1.0]])
        0.5

    Source: Ishibuchi et al., Modified distance calculation in generational distance and inverted
        generational distance, EMO 2015.
    """
    values, targets = _checked(points, front)
    nearest = [
        np.sqrt(np.min(np.sum(np.maximum(gaps, 0.0) ** 2, axis=2), axis=1))
        for gaps in _gaps(values, targets)
    ]
    return float(np.mean(np.concatenate(nearest)))


def additive_epsilon(points: ArrayLike, front: ArrayLike) -> float:
    """Additive epsilon indicator: how far points must move to dominate a front; all minimised.

    The maximum over reference points z of min_p max_j (p_j - z_j): the least shift of all points
    after which each z is weakly dominated.

    Args:
        points: `(n, m)`, finite, n >= 1.
        front: `(k, m)` reference points, finite, k >= 1.

    Returns:
        The shift; negative where the points are better than the front everywhere.

    Raises:
        ValueError: if the shapes do not belong together, a set is empty or not finite.

    Example:
        >>> from moo.metrics import additive_epsilon
        >>> additive_epsilon([[1.0, 1.0]], [[0.0, 2.0], [1.0, 1.0]])
        1.0

    Source: Zitzler et al., Performance assessment of multiobjective optimizers: an analysis and
        review, IEEE Transactions on Evolutionary Computation 7, 2003.
    """
    values, targets = _checked(points, front)
    return float(max(np.max(np.min(gaps.max(axis=2), axis=1)) for gaps in _gaps(values, targets)))


def _gaps(points: Float64, front: Float64) -> Iterator[Float64]:
    """Yield the differences p - z, `(rows, n, m)`, for blocks of the reference points."""
    rows = max(1, _BLOCK // points.size)
    for start in range(0, len(front), rows):
        yield points[None] - front[start : start + rows, None]


def _checked(points: ArrayLike, front: ArrayLike) -> tuple[Float64, Float64]:
    values = np.asarray(points, dtype=np.float64)
    targets = np.asarray(front, dtype=np.float64)
    for name, array in (("points", values), ("front", targets)):
        if array.ndim != 2 or array.size == 0:
            raise ValueError(f"{name}: must have shape (n, m) with n, m >= 1, got {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: must be finite; drop failed runs and count them")
    if values.shape[1] != targets.shape[1]:
        raise ValueError(
            f"points: has {values.shape[1]} objectives, but the front has {targets.shape[1]}"
        )
    return values, targets
