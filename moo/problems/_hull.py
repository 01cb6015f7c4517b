"""Pareto sets of convex objectives: hulls of centres, and minimisers of weighted sums."""

import numpy as np

from moo.problems._formula import PointSet
from moo.problems._problem import Float64
from moo.problems._sampling import simplex


def hull(centres: Float64) -> PointSet:
    """The convex hull of `(m, d)` centres: the Pareto set of increasing functions of distance."""
    return lambda n: simplex(n, len(centres)) @ centres


def weighted_minimisers(forms: Float64, centres: Float64) -> PointSet:
    """The minimisers of sum_i w_i (x - u_i)' A_i (x - u_i) over the simplex of weights w.

    With positive definite forms A, `(m, d, d)`, these are all the Pareto points.
    """
    targets = np.einsum("mde,me->md", forms, centres)

    def pareto_set(n: int) -> Float64:
        weights = simplex(n, len(centres))
        totals = np.einsum("nm,mde->nde", weights, forms)
        return np.asarray(np.linalg.solve(totals, (weights @ targets)[..., None])[..., 0])

    return pareto_set
