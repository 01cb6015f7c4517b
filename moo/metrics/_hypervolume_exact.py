"""Exact hypervolumes in NumPy: a sweep for three objectives, slices of it for more."""

from bisect import bisect_left

import numpy as np

from moo.metrics._checks import Float64
from moo.metrics._dominance import nondominated


def exact_hypervolume(front: Float64, corner: Float64) -> float:
    """Hypervolume of `(n, m)` points, n >= 1, that all lie strictly below the corner."""
    m = front.shape[1]
    if m == 1:
        return float(corner[0] - front.min())
    if m == 2:
        return _area(front, corner)
    return _sweep(front, corner) if m == 3 else _slices(front, corner)


def _area(front: Float64, corner: Float64) -> float:
    front = front[np.argsort(front[:, 0])]
    widths = np.diff(front[:, 0], append=corner[0])
    heights = corner[1] - np.minimum.accumulate(front[:, 1])
    return float(widths @ heights)


def _sweep(front: Float64, corner: Float64) -> float:
    """Sweep the third objective upwards: each point adds an area times its depth below the corner.

    `xs` ascends and `ys` descends: the staircase of the points so far, between two sentinels.
    """
    width, height, depth = corner.tolist()
    xs, ys = [-np.inf, width], [height, -np.inf]
    volume = 0.0
    for x, y, z in front[np.argsort(front[:, 2])].tolist():
        first = last = bisect_left(xs, x)
        top = ys[first - 1]
        if top <= y:
            continue
        left, right, below = x, xs[last], ys[last]
        area = 0.0
        while below >= y:
            area += (right - left) * (top - y)
            last += 1
            left, top, right, below = right, below, xs[last], ys[last]
        volume += (area + (right - left) * (top - y)) * (depth - z)
        xs[first:last] = (x,)
        ys[first:last] = (y,)
    return volume


def _slices(front: Float64, corner: Float64) -> float:
    """Add what each point dominates alone, from the worst in the last objective to the best.

    The later points are no worse in the last objective, so that what they share with the point
    has its depth: a problem of one objective less, of which only the best points matter.
    """
    front = front[nondominated(front)]
    front = front[np.argsort(-front[:, -1], kind="stable")]
    depths = corner[-1] - front[:, -1]
    flat, base = front[:, :-1], corner[:-1]
    volume = 0.0
    for i, point in enumerate(flat):
        alone = float(np.prod(base - point))
        if i + 1 < len(flat):
            shared = np.maximum(flat[i + 1 :], point)
            alone -= exact_hypervolume(shared[nondominated(shared)], base)
        volume += float(depths[i]) * alone
    return volume
