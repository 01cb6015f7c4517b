"""The hypervolume of a set of points, for any number of objectives."""

import importlib
from functools import cache
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from moo.metrics._checks import Float64
from moo.metrics._hypervolume_exact import exact_hypervolume

Backend = Literal["auto", "numpy", "moocore"]
_BACKENDS = ("auto", "numpy", "moocore")


def hypervolume(points: ArrayLike, reference: ArrayLike, *, backend: Backend = "auto") -> float:
    """Volume that a set of points dominates below a reference point; all objectives minimised.

    HV = volume of the union over points p of the boxes [p_1, r_1] x ... x [p_m, r_m], exact.
    Points that are not below the reference in every objective add nothing, nor do dominated and
    repeated ones. Beyond two objectives moocore's compiled code is several times faster than a
    sweep in Python and is taken where it is installed; the two differ by rounding only.

    Args:
        points: `(n, m)`, in any order; +inf is allowed, n may be 0.
        reference: `(m,)`, finite, m >= 1.
        backend: "numpy" for the code of this package: n log n for m = 2, a sweep of n^2 at worst
            for m = 3, about n times more for every further objective (200 points of four
            objectives take a second at most). "moocore" for that package. "auto" takes moocore
            for m >= 3 where it is installed.

    Returns:
        The volume, 0 where no point is below the reference.

    Raises:
        ValueError: if the shapes do not belong together, an entry is NaN or a point -inf, or the
            backend is unknown.
        ModuleNotFoundError: if backend is "moocore" and moocore is not installed.

    Example:
        >>> from moo.metrics import hypervolume
        >>> hypervolume([[1.0, 3.0], [2.0, 2.0], [3.0, 3.0]], [4.0, 4.0])
        5.0
        >>> hypervolume([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]], [2.0, 2.0, 2.0])
        3.0

    Source: Zitzler and Thiele, Multiobjective evolutionary algorithms: a comparative case study
        and the strength Pareto approach, IEEE Transactions on Evolutionary Computation 3, 1999.
        Slices: While et al., A fast way of calculating exact hypervolumes, IEEE Transactions on
        Evolutionary Computation 16, 2012.
    """
    if backend not in _BACKENDS:
        raise ValueError(f"backend: must be one of {_BACKENDS}, got {backend!r}")
    front, corner = _checked(points, reference)
    front = front[(front < corner).all(axis=1)]
    if len(front) == 0:
        return 0.0
    if backend == "auto" and len(corner) >= 3 and _has_moocore():
        backend = "moocore"
    return _by_moocore(front, corner) if backend == "moocore" else exact_hypervolume(front, corner)


@cache
def _has_moocore() -> bool:
    return find_spec("moocore") is not None


def _by_moocore(front: Float64, corner: Float64) -> float:
    return float(importlib.import_module("moocore").hypervolume(front, ref=corner))


def _checked(points: ArrayLike, reference: ArrayLike) -> tuple[Float64, Float64]:
    corner = np.asarray(reference, dtype=np.float64)
    front = np.asarray(points, dtype=np.float64)
    if corner.ndim != 1 or len(corner) == 0:
        raise ValueError(f"reference: must have shape (m,), got {corner.shape}")
    m = len(corner)
    if front.size == 0:
        front = front.reshape(0, m)
    if front.ndim != 2 or front.shape[1] != m:
        raise ValueError(
            f"points: must have shape (n, {m}) as the reference has {m} objectives, "
            f"got {front.shape}"
        )
    if not np.isfinite(corner).all():
        raise ValueError(f"reference: must be finite, got {corner}")
    if np.isnan(front).any() or np.isneginf(front).any():
        raise ValueError("points: must not hold NaN or -inf; drop failed runs and count them")
    return front, corner
