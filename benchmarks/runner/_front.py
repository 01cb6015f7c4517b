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

    To a curve in one piece, a distance is that to the two chords which meet in the nearest sample;
    else that to the convex hull of this sample and of its 24 nearest others, a flat patch of the
    front. Samples lie so close that no patch bridges a gap. Of a front that a search found, where
    they do not, the distance is that to the nearest sample.

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
        self._curve = problem.num_objectives == 2 and problem.connected and not problem.sampled
        count = 1 if problem.sampled else 1 + _NEIGHBOURS
        self._count = min(count, len(self._samples))

    def distance(self, points: Float64) -> Float64:
        """Return the distances of `(..., m)` points, `(...)`; NaN for what is not finite."""
        flat = points.reshape(-1, points.shape[-1])
        distances = np.full(len(flat), np.nan)
        finite = np.isfinite(flat).all(axis=1)
        distances[finite], nearest = self._tree.query(flat[finite])
        if self._curve:
            distances[finite] = self._to_chords(flat[finite], nearest)
        elif self._count > 1:
            patches = self._to_patches(flat[finite], nearest)
            distances[finite] = np.minimum(distances[finite], patches)
        return distances.reshape(points.shape[:-1])

    def _to_chords(self, points: Float64, nearest: NDArray[np.intp]) -> Float64:
        """Distances from `(n, 2)` points to the chords before and behind a sample each."""
        middle, last = self._samples[nearest], len(self._samples) - 1
        others = (self._samples[np.clip(nearest + step, 0, last)] for step in (-1, 1))
        return np.minimum(*(_to_chord(points, middle, other) for other in others))

    def _to_patches(self, points: Float64, nearest: NDArray[np.intp]) -> Float64:
        """Distances from `(n, m)` points to the hull around a sample each."""
        _, patches = self._tree.query(self._samples[nearest], self._count)
        corners = self._samples[patches] - points[:, None]
        return np.array([_to_hull(one) for one in corners])


def _to_chord(points: Float64, start: Float64, end: Float64) -> Float64:
    """Distances from points to the straight lines between two ends, all `(n, m)`."""
    along, away = end - start, points - start
    squares = np.sum(along**2, axis=1)
    share = np.sum(away * along, axis=1) / np.where(squares > 0, squares, 1.0)
    feet = np.clip(share, 0.0, 1.0)[:, None] * along
    return np.asarray(np.linalg.norm(away - feet, axis=1))


def _to_hull(corners: Float64) -> float:
    """Distance from the origin to the convex hull of `(k, m)` corners.

    The v >= 0 that minimises |v corners|^2 + (sum v - 1)^2 points at the hull's nearest point.
    """
    scale = float(np.abs(corners).max()) or 1.0
    columns = np.concatenate([corners.T / scale, np.ones((1, len(corners)))])
    shares, _ = nnls(columns, np.append(np.zeros(corners.shape[1]), 1.0))
    return float(np.linalg.norm(shares @ corners) / shares.sum())
