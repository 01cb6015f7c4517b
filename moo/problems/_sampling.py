"""Points spread evenly over boxes, simplices and spheres, the same at every call."""

import numpy as np
from scipy.special import ndtri

from moo.problems._problem import Box, Float64


def spread(n: int, d: int) -> Float64:
    """`(n, d)` points of low discrepancy in the open unit cube; in order for d = 1.

    The additive recurrence with the powers of the root of p^(d+1) = p + 1 as steps.
    """
    if d == 1:
        return ((np.arange(n) + 0.5) / n)[:, None]
    root = 1.5
    for _ in range(60):
        root = (1 + root) ** (1 / (d + 1))
    steps = root ** -np.arange(1.0, d + 1)
    return np.asarray((0.5 + np.arange(1, n + 1)[:, None] * steps) % 1.0)


def simplex(n: int, m: int) -> Float64:
    """`(n, m)` points of the unit simplex: its corners first, where n has room for them."""
    if m == 2:
        first = np.linspace(0.0, 1.0, n)
        return np.stack([first, 1 - first], axis=1)
    cuts = np.sort(spread(n, m - 1), axis=1)
    points = np.diff(cuts, axis=1, prepend=0.0, append=1.0)
    return _with_corners(points)


def sphere(n: int, m: int) -> Float64:
    """`(n, m)` points of the unit sphere's positive part: its corners first, if there is room."""
    if m == 2:
        angle = np.linspace(0.0, np.pi / 2, n)
        return np.stack([np.sin(angle), np.cos(angle)], axis=1)
    points = ndtri(0.5 + 0.5 * spread(n, m))
    return _with_corners(points / np.linalg.norm(points, axis=1, keepdims=True))


def on_segments(n: int, segments: Float64) -> Float64:
    """`(n,)` points in order on the union of `(k, 2)` disjoint segments, by equal length."""
    return place(np.linspace(0.0, 1.0, n), segments)


def place(shares: Float64, segments: Float64) -> Float64:
    """Send shares in [0, 1] of the total length to points of the segments."""
    ends = np.concatenate([[0.0], np.cumsum(segments[:, 1] - segments[:, 0])])
    at = shares * ends[-1]
    which = np.clip(np.searchsorted(ends, at, side="right") - 1, 0, len(segments) - 1)
    return np.asarray(segments[which, 0] + at - ends[which])


def starts_in(bounds: Box, n: int = 8) -> Float64:
    """`(n, d)` points drawn once, from seed 0, in the middle 80 % of a box."""
    low, high = (np.asarray(corner, dtype=np.float64) for corner in bounds)
    shares = np.random.default_rng(0).uniform(0.1, 0.9, (n, len(low)))
    return np.asarray(low + (high - low) * shares)


def box(low: float, high: float, dim: int) -> Box:
    """The cube [low, high]^dim."""
    return np.full(dim, low), np.full(dim, high)


def _with_corners(points: Float64) -> Float64:
    n, m = points.shape
    if n >= 2 * m:
        points[:m] = np.eye(m)
    return points
