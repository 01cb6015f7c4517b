"""Fronts by search, for problems whose Pareto set has no closed form."""

from functools import cache

import numpy as np

from moo.metrics._dominance import nondominated
from moo.problems._formula import Formula, PointSet
from moo.problems._problem import Box, Float64
from moo.problems._sampling import simplex, spread

_ROUNDS = 30
_KEPT = 600
_DRAWN = 1000


def searched_set(formula: Formula, bounds: Box) -> PointSet:
    """Return `pareto_set(n)` over the best points that a search in a box finds, in order of f1.

    The search starts from evenly spread points and perturbs the non-dominated ones, less from
    round to round; its draws come from seed 0. It runs once, at the first call.
    """

    @cache
    def found() -> Float64:
        return _search(formula, *bounds)

    def pareto_set(n: int) -> Float64:
        points = found()
        return points[np.linspace(0, len(points) - 1, n).round().astype(int)]

    return pareto_set


def _search(formula: Formula, low: Float64, high: Float64) -> Float64:
    rng = np.random.default_rng(0)
    dim = len(low)
    points = low + (high - low) * spread(_DRAWN, dim)
    for width in np.geomspace(0.2, 1e-6, _ROUNDS):
        parents = points[rng.integers(len(points), size=_DRAWN)]
        # One coordinate in two stays, so that children follow faces of the box.
        steps = rng.normal(size=(_DRAWN, dim)) * rng.integers(0, 2, size=(_DRAWN, dim))
        children = np.clip(parents + width * (high - low) * steps, low, high)
        points = _best(formula, np.concatenate([points, children]))
    return points


def _best(formula: Formula, points: Float64) -> Float64:
    """The non-dominated points in order of the first loss, or about `_KEPT` of them if more.

    Half of those are even in that order, half the best for evenly spread weights of the greatest
    loss, which keeps the ends and draws the rest to the front.
    """
    losses = np.stack(formula(np, points.T), axis=1)
    keep = nondominated(losses)
    points, losses = points[keep], losses[keep]
    order = np.lexsort(losses.T[::-1])
    points, losses = points[order], losses[order]
    if len(points) <= _KEPT:
        return points
    even = np.linspace(0, len(points) - 1, _KEPT // 2).round().astype(int)
    low, high = losses.min(axis=0), losses.max(axis=0)
    scaled = (losses - low) / np.where(high > low, high - low, 1.0)
    weights = simplex(_KEPT // 2, losses.shape[1])
    greatest = np.max(weights[:, None] * scaled, axis=2) + 1e-6 * scaled.sum(axis=1)
    return points[np.union1d(even, greatest.argmin(axis=1))]
