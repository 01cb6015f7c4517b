"""The hypervolume of a set of points, for two objectives."""

import numpy as np
from numpy.typing import ArrayLike

from moo.metrics._checks import Float64


def hypervolume(points: ArrayLike, reference: ArrayLike) -> float:
    """Area that a set of points dominates below a reference point; both objectives minimised.

    HV = area of the union over points p of [p_1, r_1] x [p_2, r_2], exact. Points that are not
    below the reference in both objectives add nothing, nor do dominated and repeated ones.

    Args:
        points: `(n, 2)`, in any order; +inf is allowed, n may be 0.
        reference: `(2,)`, finite.

    Returns:
        The area, 0 where no point is below the reference.

    Raises:
        ValueError: if there are not two objectives, or an entry is NaN or a point -inf.

    Example:
        >>> from moo.metrics import hypervolume
        >>> hypervolume([[1.0, 3.0], [2.0, 2.0], [3.0, 3.0]], [4.0, 4.0])
        5.0

    Source: Zitzler and Thiele, Multiobjective evolutionary algorithms: a comparative case study
        and the strength Pareto approach, IEEE Transactions on Evolutionary Computation 3, 1999.
    """
    front, corner = _checked(points, reference)
    front = front[(front < corner).all(axis=1)]
    if len(front) == 0:
        return 0.0
    front = front[np.argsort(front[:, 0])]
    widths = np.diff(front[:, 0], append=corner[0])
    heights = corner[1] - np.minimum.accumulate(front[:, 1])
    return float(widths @ heights)


def _checked(points: ArrayLike, reference: ArrayLike) -> tuple[Float64, Float64]:
    corner = np.asarray(reference, dtype=np.float64)
    front = np.asarray(points, dtype=np.float64)
    if corner.shape != (2,):
        raise ValueError(
            f"reference: only two objectives are there, shape (2,); got shape {corner.shape}"
        )
    if front.size == 0:
        front = front.reshape(0, 2)
    if front.ndim != 2 or front.shape[1] != 2:
        raise ValueError(
            f"points: only two objectives are there, shape (n, 2); got shape {front.shape}"
        )
    if not np.isfinite(corner).all():
        raise ValueError(f"reference: must be finite, got {corner}")
    if np.isnan(front).any() or np.isneginf(front).any():
        raise ValueError("points: must not hold NaN or -inf; drop failed runs and count them")
    return front, corner
