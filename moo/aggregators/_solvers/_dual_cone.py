r"""Projections onto the dual cone of the rows, $K^* = \{x : J x \ge 0\}$."""

import jax
import jax.numpy as jnp

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._pivoting import proximal
from moo.aggregators._solvers._rows import Rows, dot, matmul, rounding, times
from moo.aggregators._solvers._shared import proximal_each
from moo.aggregators._solvers._solution import Solution

_NEAR = 0.03  # of the terms that are projected: how far off an answer may be called converged


@jax.jit
def project_rows(gram: Gram, active: Array, preference: Array) -> Solution:
    r"""Sum the projections of the single rows: $v = \sum_i p_i \,\mathrm{Proj}_{K^*}(g_i)$.

    The m problems are posed on unit rows, so none of them knows the scales.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        preference: p, shape (m,), non-negative.

    Returns:
        Weights $w = \sum_i p_i w^{(i)}$; the residual is the worst conflict
        $-\min_i g_i^\top v / (\lVert g_i \rVert \lVert v \rVert)$, at least 0. Converged also
        says that v is within 3 % of $\sum_i p_i \lVert g_i \rVert$ of the projections.
    """
    rows = Rows.of(gram, active)
    own = jnp.where(rows.present, preference * rows.length, 0)
    if active.shape[0] == 2:
        units = own + _opposition(rows) * own[::-1]
        return _certified(rows, units, preference, jnp.zeros_like(own[0]))
    added = proximal_each(rows.cosines, -rows.cosines, rows.present)
    units = own + times(added.T, own)
    apart = _apart(added, rows.cosines + matmul(added, rows.cosines))
    return _certified(rows, units, preference, dot(own, apart))


@jax.jit
def project_sum(gram: Gram, active: Array, preference: Array) -> Solution:
    r"""Project the weighted sum of the rows: $v = \mathrm{Proj}_{K^*}(J^\top p)$.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        preference: p, shape (m,), non-negative.

    Returns:
        Weights, at least p; the residual is that of `project_rows`.
    """
    rows = Rows.of(gram, active)
    own = jnp.where(rows.present, preference * rows.length, 0)
    units = projected(rows, own, rows.present)
    apart = _apart(units - own, times(rows.cosines, units))
    return _certified(rows, units, preference, apart)


@jax.jit
def projected(rows: Rows, own: Array, allowed: Array) -> Array:
    """Return the coefficients of the unit rows in the projection of a combination of them.

    Args:
        rows: the rows, m of them.
        own: coefficients of the unit rows, shape (m,), non-negative.
        allowed: shape (m,), bool; the rows that may be added.
    """
    if own.shape[0] == 2:
        return jnp.maximum(own, _opposition(rows) * own[::-1])
    return own + proximal(rows.cosines, -times(rows.cosines, own), allowed)


def conflict(rows: Rows, units: Array) -> Array:
    r"""Return the worst $-\cos(g_i, v)$, as far as it exceeds its rounding error, at least 0."""
    error = rounding(units.dtype)
    projections = times(rows.cosines, units)
    mass = jnp.sum(jnp.abs(units))
    length = jnp.sqrt(jnp.maximum(dot(units, projections), error * mass**2))
    worst = jnp.max(jnp.where(rows.present, -projections - error * mass, 0))
    return jnp.maximum(worst, 0) / jnp.where(length == 0, 1, length)


def _opposition(rows: Rows) -> Array:
    return jnp.maximum(-rows.cosines[0, 1], 0)


def _apart(added: Array, projections: Array) -> Array:
    r"""Bound the distance of $v = x + J^\top u$ from the projection of x, by $\sqrt{2 u^\top Jv}$.

    Half its square is the duality gap; signs are dropped, so that rounding errors add up.
    """
    return jnp.sqrt(2 * dot(added, jnp.abs(projections)))


def _certified(rows: Rows, units: Array, preference: Array, apart: Array) -> Solution:
    # A zero row adds nothing to v; its weight is its preference, as if it were not projected.
    weights = jnp.where(rows.present, rows.per_length(units), preference)
    near = apart <= _NEAR * jnp.sum(jnp.where(rows.present, preference * rows.length, 0))
    return rows.solution(weights, conflict(rows, units), near)
