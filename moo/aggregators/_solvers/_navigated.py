"""The nearest direction to a given one that decreases every loss at a given rate."""

import jax
import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._solvers._pivoting import proximal
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times


@jax.jit
def navigated(rows: Rows, own: Array, floors: Array, allowed: Array) -> tuple[Array, Array]:
    r"""Solve $\min_v \tfrac12 \lVert v - q \rVert^2$ subject to $\hat g_i^\top v \ge \phi_i$.

    The dual is $\min_{u \ge 0} \tfrac12 \lVert q + \hat J^\top u \rVert^2 - \phi^\top u$ on unit
    rows, with $v = q + \hat J^\top u$.

    Args:
        rows: the rows, m of them.
        own: coefficients of the unit rows in q, shape (m,), in units of the longest norm.
        floors: $\phi$, shape (m,), in the same units; some direction must meet them.
        allowed: shape (m,), bool; the rows that constrain v.

    Returns:
        Coefficients of the unit rows in v, shape (m,), and the residual: the worst violation
        relative to $\lVert v \rVert$, and $\sum_i u_i |\hat g_i^\top v - \phi_i|$ to its square.
    """
    allowed = allowed & rows.present
    error = rounding(own.dtype)
    added = proximal(rows.cosines, floors - times(rows.cosines, own), allowed)
    units = own + added
    projections = times(rows.cosines, units)
    mass = jnp.sum(jnp.abs(own)) + jnp.sum(added)
    square = jnp.maximum(dot(units, projections), (error * mass) ** 2)
    slack = jnp.where(allowed, projections - floors, 0)
    noise = error * (mass + jnp.abs(floors))
    violated = jnp.max(jnp.maximum(-slack - noise, 0)) / nonzero(jnp.sqrt(square))
    loose = dot(added, jnp.maximum(jnp.abs(slack) - noise, 0)) / nonzero(square)
    return units, jnp.maximum(violated, loose)
