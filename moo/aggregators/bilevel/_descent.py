"""The subproblem of FORUM: move along all upper gradients, and lower the inner gap enough."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from moo._types import Array
from moo.aggregators._solvers._piecewise import minimise
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import dot, rounding, times, tolerance
from moo.aggregators._solvers._solution import Solution

# The cosines are at most 1, so that a steeper slope no longer moves the minimum visibly.
_STEEPEST = 1e6


class _Ends(NamedTuple):
    """Slopes on either side of the one sought, () each, and their minimisers, (m,) each."""

    low: Array
    high: Array
    left: Array
    right: Array


@jax.jit
def upper_shares(cosines: Array, along: Array, margin: Array, active: Array) -> Solution:
    r"""Solve $\min \lVert F^\top \lambda + \nu q \rVert^2 - \nu \varphi \lVert q \rVert^2$.

    Over $\lambda \in \Delta$ and $\nu \ge \max(0, \lambda^\top \pi)$. With
    $y = c^\top \lambda$ and $\tau = \varphi \lVert q \rVert$ the best $\nu$ leaves
    $\lambda^\top (F F^\top - c c^\top) \lambda + \psi(y)$, where $\psi(y) = \tau y$ up to $\tau$
    and $y^2$ beyond: convex. With slope s in place of $\psi'$ the minimiser has y(s), which falls
    in s, and the slope sought has $y(s) = \max(\tau, s/2)$, or is $\tau$ where $y(\tau) \le \tau$.

    The certificate is the gap $\lambda^\top \nabla - \min_i \nabla_i$ of the gradient, relative to
    the terms of the objective.

    Args:
        cosines: $F F^\top$ of the unit upper gradients, shape (m, m).
        along: c, their cosines with q, shape (m,).
        margin: $\tau$, ().
        active: shape (m,), bool.

    Returns:
        The shares, 0 where inactive.
    """
    margin = jnp.minimum(margin, _STEEPEST)
    plane = cosines - along[:, None] * along[None, :]
    most = jnp.maximum(2 * margin, 2)

    def visit(k: Array, ends: _Ends) -> _Ends:
        """Try the two ends first, so that the program is compiled in one place."""
        slope = jnp.where(k == 0, margin, jnp.where(k == 1, most, (ends.low + ends.high) / 2))
        point = minimise(_program(plane, along, slope, active)).point
        above = (k == 0) | ((k > 1) & (dot(point, along) > jnp.maximum(margin, slope / 2)))
        low, left = jnp.where(above, slope, ends.low), jnp.where(above, point, ends.left)
        high, right = jnp.where(above, ends.high, slope), jnp.where(above, ends.right, point)
        return _Ends(low, high, left, right)

    ends = _Ends(margin, most, jnp.zeros_like(along), jnp.zeros_like(along))
    halvings = jnp.finfo(along.dtype).nmant  # until the ends differ by rounding
    ends = lax.fori_loop(0, halvings + 2, visit, ends)
    return _certified(plane, along, ends.low, _mixed(ends, along, margin), active)


def _mixed(ends: _Ends, along: Array, margin: Array) -> Array:
    """Return the minimiser; where y jumps between the ends, their mixture that meets the target."""
    first, last = dot(ends.left, along), dot(ends.right, along)
    target = jnp.maximum(margin, ends.low / 2)
    part = (first - target) / jnp.where(first > last, first - last, 1)
    part = jnp.clip(jnp.where(first > target, part, 0), 0, 1)
    return (1 - part) * ends.left + part * ends.right


def _certified(plane: Array, along: Array, slope: Array, point: Array, active: Array) -> Solution:
    shares = jnp.where(active, point, 0)
    shares = shares / jnp.where(active.any(), jnp.sum(shares), 1)
    bent = times(plane, shares)
    gradient = 2 * bent + slope * along
    least = jnp.min(jnp.where(active, gradient, jnp.inf))
    error = rounding(shares.dtype) * (2 + slope)
    size = dot(shares, bent) + slope * jnp.abs(dot(shares, along))
    gap = jnp.maximum(dot(shares, gradient) - least - error, 0) / jnp.maximum(size, error)
    residual = jnp.where(active.any(), gap, 0)
    sound = jnp.isfinite(shares).all() & (residual <= tolerance(shares.dtype))
    return Solution(shares, residual, sound)


def _program(plane: Array, along: Array, slope: Array, active: Array) -> Program:
    zeros, ones = jnp.zeros_like(along), jnp.ones_like(along)
    total = jnp.ones((), along.dtype)
    # Entries of order 1, however steep the slope.
    largest = jnp.maximum(slope, 1)
    return Program(
        2 / largest * plane,
        -slope / largest * along,
        ones,
        total,
        zeros,
        zeros,
        jnp.full_like(ones, jnp.inf),
        active,
    )
