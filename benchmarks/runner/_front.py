"""How far losses are from a problem's true front."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.spatial import KDTree

import moo

Float64 = NDArray[np.float64]

_SAMPLES = 100_001
_NEIGHBOURS = 24  # many, because samples of a surface may lie in rows


class Front:
    """The front of a problem, between its samples too.

    A distance is that to the convex hull of the sample nearest to the point and of that sample's
    24 nearest others: a flat patch of the front, or a stretch of it where it is a curve. Samples
    lie so close that no patch bridges a gap. Of a front that a search found, where they do not,
    the distance is that to the nearest sample.

    Distances below a floor tell nothing: it is what points of the front itself get. On average
    over a front of size one it is 1e-8 for a curve; for a surface 3e-5, and .001 at its rim; .004
    for five objectives, .04 for eight; for a front that a search found, whose 500 points or so are
    spaced wider, a few thousandths.

    Args:
        problem: a problem whose front is known.
    """

    def __init__(self, problem: moo.problems.Problem) -> None:
        if problem.pareto_front is None:
            raise ValueError(f"{problem.name}: the front of this problem is not known")
        self._samples = np.unique(problem.pareto_front(_SAMPLES), axis=0)
        # Cells cut in the middle stay near to square along a front: far points take a hundredth.
        self._tree = KDTree(self._samples, balanced_tree=False, compact_nodes=False)
        count = 1 if problem.sampled else 1 + _NEIGHBOURS
        self._count = min(count, len(self._samples))

    def distance(self, points: Float64) -> Float64:
        """Return the distances of `(..., m)` points, `(...)`; NaN for what is not finite."""
        flat = points.reshape(-1, points.shape[-1])
        distances = np.full(len(flat), np.nan)
        finite = np.isfinite(flat).all(axis=1)
        distances[finite], nearest = self._tree.query(flat[finite])
        if self._count > 1:
            _, patches = self._tree.query(self._samples[nearest], self._count)
            distances[finite] = [
                min(near, _to_hull(self._samples[patch] - point))
                for near, patch, point in zip(distances[finite], patches, flat[finite], strict=True)
            ]
        return distances.reshape(points.shape[:-1])


def _to_hull(corners: Float64) -> float:
    """Distance from the origin to the convex hull of `(k, m)` corners.

    The v >= 0 that minimises |v corners|^2 + (sum v - 1)^2 points at the hull's nearest point.
    """
    scale = float(np.abs(corners).max()) or 1.0
    columns = np.concatenate([corners.T / scale, np.ones((1, len(corners)))])
    shares, _ = nnls(columns, np.append(np.zeros(corners.shape[1]), 1.0))
    return float(np.linalg.norm(shares @ corners) / shares.sum())
