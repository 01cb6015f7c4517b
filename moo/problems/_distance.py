"""Distance from points to a sampled set, in float64."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

Float64 = NDArray[np.float64]


def distance_to_samples(points: Float64, samples: Float64, *, curve: bool) -> Float64:
    """Return the distance from each of `(..., d)` points to `(n, d)` samples or their polyline.

    Only the two segments beside the nearest sample are tried: enough for samples that are dense
    beside the bends of their curve.
    """
    flat = points.reshape(-1, points.shape[-1])
    finite = np.isfinite(flat).all(axis=1)
    distance = np.full(len(flat), np.nan)
    near, index = KDTree(samples).query(flat[finite])
    if curve and len(samples) > 1:
        before = _to_segment(flat[finite], samples, np.maximum(index - 1, 0))
        after = _to_segment(flat[finite], samples, np.minimum(index, len(samples) - 2))
        near = np.minimum(near, np.minimum(before, after))
    distance[finite] = near
    return distance.reshape(points.shape[:-1])


def _to_segment(points: Float64, samples: Float64, first: NDArray[np.intp]) -> Float64:
    """Distance from each point to the segment from samples[first] to samples[first + 1]."""
    start, edge = samples[first], samples[first + 1] - samples[first]
    square = np.sum(edge * edge, axis=1)
    along = np.sum((points - start) * edge, axis=1) / np.where(square > 0, square, 1.0)
    foot = start + np.clip(along, 0.0, 1.0)[:, None] * edge
    return np.asarray(np.linalg.norm(points - foot, axis=1))
