"""Orthogonal projection of each conflicting gradient off the span of all others."""

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._solvers._dual_cone import conflict
from moo.aggregators._solvers._rows import Rows, matmul, times, tolerance
from moo.aggregators._solvers._solution import Solution


def gradops(num_objectives: int) -> Aggregator:
    r"""Replace every conflicting gradient by its part orthogonal to all others, and add up.

    $v = \sum_i g_i'$ with $g_i' = \sum_j \frac{(G^{-1})_{ij}}{(G^{-1})_{ii}} g_j$, the part of
    $g_i$ orthogonal to the span of the others, where $g_i^\top g_j < 0$ for some j, and $g_i' =
    g_i$ elsewhere. No $g_i'$, and so not v, conflicts with any row. For m = 2 it is PCGrad. A
    conflicting row that depends on the others has no such part and is dropped: more rows than
    dimensions, or exactly opposite ones, can leave v = 0. A zero row
    conflicts with none: its weight is 1.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `sum` scale, without state, for m backward passes. Its `residual` is the
        worst conflict $-\min_i g_i^\top v / (\lVert g_i \rVert \lVert v \rVert)$, at least 0.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.gradops(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [-1.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [1.0, 2.0]

    Source: Zhu, Zhao, Wu, Wang, Deng, Xu and Zheng, "Gradient Deconfliction via Orthogonal
    Projections onto Subspaces For Multi-task Learning", WSDM 2025, arXiv 2503.03438.
    Differs from the paper: only the projection is here, taken from the abstract and the first
    figure; that rows without conflict are left alone is our reading of "conflicting". The
    reweighting of the $g_i'$ by one number alpha is left out: its formula could not be confirmed.
    """

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        rows = Rows.of(gram, active)
        conflicting = (rows.cosines < 0).any(axis=-1)
        identity = jnp.eye(len(active), dtype=rows.cosines.dtype)
        parts = jnp.where(conflicting[:, None], _orthogonal_parts(rows), identity)
        units = times(parts.T, rows.length)
        weights = jnp.where(rows.zero, 1, rows.per_length(units))
        return rows.solution(weights, conflict(rows, units)), state

    return from_gram(num_objectives, no_state, weigh)


def _orthogonal_parts(rows: Rows) -> Array:
    """Return the unit rows' coefficients in the part of each that is orthogonal to the others.

    A row that takes part in a null vector of the cosines depends on the others: its part is 0.
    """
    # A row that is not finite must not reach a factorisation, which may not return then.
    cosines = jnp.where(rows.finite, rows.cosines, 0)
    values, vectors = jnp.linalg.eigh(cosines)
    kept = values > values[-1] * rows.number * jnp.finfo(values.dtype).eps
    taking_part = jnp.abs(vectors) > tolerance(values.dtype)
    dependent = jnp.any(taking_part & ~kept & rows.present[:, None], axis=-1)
    scaled = vectors / jnp.where(kept, values, jnp.inf)
    inverse = matmul(scaled, vectors.T)
    # One step of refinement on the range, where the inverse of a small mode has lost digits.
    missing = matmul(vectors * kept, vectors.T) - matmul(cosines, inverse)
    inverse = inverse + matmul(inverse, missing)
    own = jnp.where(dependent | ~rows.present, 1, jnp.diagonal(inverse))
    parts = inverse / own[:, None]
    return jnp.where(dependent[:, None] | ~rows.present[:, None], 0, parts)
