"""The shortest vector in the convex hull of the rows."""

import jax
import jax.numpy as jnp

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._pivoting import proximal
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times
from moo.aggregators._solvers._solution import Solution


@jax.jit
def min_norm(gram: Gram, active: Array) -> Solution:
    r"""Solve $\min_{w \in \Delta} \tfrac12 \lVert J^\top w \rVert^2$, exactly.

    With $u_i = w_i d_i$ in units of the shortest row and $a_i = d_{\min} / d_i$ it is
    $\min u^\top C u$ subject to $a^\top u = 1$, whose solution is, up to its length, that of
    $\min_{u \ge 0} u^\top C u + (a^\top u - 1)^2$: bounded whatever the rank of C.

    The certificate is the gap $(\lVert v \rVert^2 - \min_i g_i^\top v) / \lVert v \rVert^2$, 0 at
    the minimum. Where $\lVert v \rVert$ is below the rounding error of its own terms, the point is
    Pareto-stationary to working precision and that error takes its place.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.

    Returns:
        Weights in the simplex over the active rows; a zero row takes all of it.
    """
    rows = Rows.of(gram, active)
    units = _pair(rows) if active.shape[0] == 2 else _many(rows)
    units = units / nonzero(dot(rows.share, units))
    zeros = jnp.sum(rows.zero).astype(units.dtype)
    weights = jnp.where(zeros > 0, rows.zero / jnp.maximum(zeros, 1), rows.share * units)
    gap = jnp.where(zeros > 0, 0, hull_gap(rows, units, units))
    return rows.solution(weights, gap)


def hull_gap(rows: Rows, units: Array, direction: Array) -> Array:
    r"""Certify that a hull point g minimises $g^\top v$ over the hull of the rows.

    Args:
        rows: the rows, m of them.
        units: coefficients of the unit rows in g, shape (m,), in units of the shortest norm.
        direction: coefficients of the unit rows in v, shape (m,), in any unit.

    Returns:
        The gap $(g^\top v - \min_i g_i^\top v) / (\lVert g \rVert \lVert v \rVert)$, at least 0, as
        far as it exceeds the rounding errors of the projections $g_i^\top v$ themselves.
    """
    error = rounding(units.dtype)
    projections = times(rows.cosines, direction)
    mass, own_mass = jnp.sum(jnp.abs(direction)), jnp.sum(jnp.abs(units))
    value = dot(units, projections)
    square = jnp.maximum(dot(units, times(rows.cosines, units)), error * own_mass**2)
    other = jnp.maximum(dot(direction, projections), error * mass**2)
    share = jnp.maximum(rows.share, jnp.finfo(units.dtype).tiny)
    excess = value - projections / share - error * mass * (1 / share + own_mass)
    size = jnp.sqrt(square) * jnp.sqrt(other)
    return jnp.maximum(jnp.max(jnp.where(rows.present, excess, 0)), 0) / nonzero(size)


def _pair(rows: Rows) -> Array:
    """Solve two rows in closed form: both projections equal, or the shorter row alone."""
    units = jnp.maximum(rows.share - rows.cosines[0, 1] * rows.share[::-1], 0)
    return jnp.where(jnp.sum(units) > 0, units, rows.present.astype(units.dtype))


def _many(rows: Rows) -> Array:
    share = rows.share
    return proximal(rows.cosines + share[:, None] * share[None, :], share, rows.present)
