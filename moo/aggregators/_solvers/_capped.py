"""The shortest vector in the convex hull of the rows with no weight above a cap."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._balanced import Balanced
from moo.aggregators._solvers._piecewise import minimise
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import Rows, dot, rounding, tolerance
from moo.aggregators._solvers._solution import Solution


@jax.jit
def capped_min_norm(gram: Gram, active: Array, cap: ArrayLike) -> Solution:
    r"""Solve $\min_w \tfrac12 \lVert J^\top w \rVert^2$ over the simplex with $w_i \le$ cap.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        cap: largest weight, in [1/m, 1]; one below 1 / (number of active rows) counts as that.

    Returns:
        Weights in the simplex over the active rows; the residual is the gap $(\lVert v \rVert^2 -
        \min_u g_u^\top v) / \lVert v \rVert^2$, with u over the capped simplex, beyond rounding.
    """
    rows = Rows.of(gram, active)
    dtype = rows.cosines.dtype
    cap = jnp.clip(jnp.asarray(cap, dtype), 1 / rows.number, 1)
    balanced = Balanced.of(rows, _size(rows, cap))
    zeros, ones = jnp.zeros_like(rows.length), jnp.ones((), dtype)
    bound = jnp.where(rows.active, cap * balanced.stretch, 1)
    program = Program(balanced.hessian, zeros, balanced.normal, ones,
                      zeros, zeros, bound, rows.active)  # fmt: skip
    point = minimise(program).point
    weights = balanced.weights(point)
    within = jnp.max(weights) <= cap * (1 + tolerance(dtype))
    return rows.solution(weights, _gap(balanced, weights * balanced.stretch, cap), within)


def _size(rows: Rows, cap: Array) -> Array:
    """Return the length of the longest row that must take part, at least the shortest one's."""
    lengths = jnp.sort(jnp.where(rows.active, rows.length, jnp.inf))
    # A cap of 1/k leaves room for k rows, also where 1/cap is rounded up.
    number = jnp.ceil((1 - rounding(cap.dtype)) / cap).astype(jnp.int32)
    last = lengths[jnp.clip(number - 1, 0, len(lengths) - 1)]
    shortest = jnp.min(jnp.where(rows.present, rows.length, jnp.inf))
    return jnp.where(jnp.isfinite(last), jnp.maximum(last, shortest), 1)


def _gap(balanced: Balanced, point: Array, cap: Array) -> Array:
    slopes, errors = balanced.projections(point)
    order = jnp.argsort(jnp.where(balanced.rows.active, slopes + errors, jnp.inf))
    filled = jnp.arange(len(point), dtype=point.dtype) * cap
    best = jnp.clip(1 - filled, 0, cap)
    weights = point / balanced.stretch
    least = jnp.where(best > 0, best * (slopes + errors)[order], 0)
    value = dot(weights, slopes)
    excess = value - jnp.sum(least) - dot(weights, errors)
    size = jnp.maximum(value, jnp.square(balanced.noise(point)))
    return jnp.maximum(excess, 0) / jnp.where(size > 0, size, 1)
