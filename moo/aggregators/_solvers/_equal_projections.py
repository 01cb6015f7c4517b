"""The combination of the rows with equal projections onto all of them."""

import jax
import jax.numpy as jnp

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times, tolerance
from moo.aggregators._solvers._solution import Solution


@jax.jit
def equal_projections(gram: Gram, active: Array) -> Solution:
    r"""Find weights with $g_i^\top v / \lVert g_i \rVert$ the same, and positive, for all rows.

    On unit rows, $u_i = w_i d_i$, it is $C u = 1$, then $w = (u / d) / |\sum_i u_i / d_i|$. The
    weights add up to 1, or to -1 where the sum is negative: dividing by the sum itself would then
    give the direction that *increases* every loss.

    Where the unit rows admit no common positive projection (more rows than dimensions, say) only
    v = 0 has equal ones: the weights are 0 and `converged` False.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.

    Returns:
        Weights, 0 for zero rows; the residual is the spread of the projections relative to their
        largest size.
    """
    rows = Rows.of(gram, active)
    ones = rows.present.astype(rows.cosines.dtype)
    units = _pair(rows, ones) if active.shape[0] == 2 else pseudo_solution(rows, ones)
    spread = _spread(rows, units) if active.shape[0] > 2 else jnp.zeros((), ones.dtype)
    total = dot(rows.share, units)
    definite = jnp.abs(total) > rounding(units.dtype) * dot(rows.share, jnp.abs(units))
    solvable = definite & ~(spread > tolerance(units.dtype))
    weights = jnp.where(solvable, rows.share * units / nonzero(jnp.abs(total)), 0)
    return rows.solution(weights, spread, solvable)


@jax.jit
def pseudo_solution(rows: Rows, target: Array) -> Array:
    """Solve C u = target on the numerical range of C, with one refinement."""
    # A row that is not finite must not reach a factorisation, which may not return then.
    values, vectors = jnp.linalg.eigh(jnp.where(rows.finite, rows.cosines, 0))
    floor = values[-1] * rows.number * jnp.finfo(values.dtype).eps
    inverse = jnp.where(values > floor, 1 / jnp.where(values > floor, values, 1), 0)

    def solve(right: Array) -> Array:
        return times(vectors, inverse * times(vectors.T, right))

    units = solve(target)
    units = units + solve(target - times(rows.cosines, units))
    return jnp.where(rows.present, units, 0)


def _pair(rows: Rows, ones: Array) -> Array:
    """Let two unit rows count the same, unless they are opposite to rounding: then not at all."""
    faint = 2 * rows.number * jnp.finfo(ones.dtype).eps
    return jnp.where(1 + rows.cosines[0, 1] > faint, ones, 0)


def _spread(rows: Rows, units: Array) -> Array:
    """Return the relative spread of the projections beyond their rounding (1e-3 at most)."""
    projections = times(rows.cosines, units)
    size = nonzero(jnp.max(jnp.abs(projections)))
    low = jnp.min(jnp.where(rows.present, projections, jnp.inf))
    high = jnp.max(jnp.where(rows.present, projections, -jnp.inf))
    error = rounding(units.dtype) * jnp.sum(jnp.abs(units)) / size
    spread = jnp.where(rows.present.any(), high - low, 0) / size
    return jnp.maximum(spread - jnp.minimum(error, 1e-3), 0)
