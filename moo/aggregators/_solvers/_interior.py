r"""An interior-point start for $\min_{u \ge 0} \tfrac12 u^\top H u - b^\top u$.

Pivoting alone may wander for long where H is rank-deficient and many supports are nearly right. A
handful of Mehrotra's predictor-corrector steps, whatever the rank, lands where it needs one pass.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import cho_solve

from moo._types import Array
from moo.aggregators._solvers._rows import cholesky, dot, times


class _Interior(NamedTuple):
    point: Array  # (m,), positive: u
    slack: Array  # (m,), positive: z, which tends to H u - b
    steps: Array  # (), int32
    done: Array  # (), bool


def interior(matrix: Array, linear: Array, allowed: Array, limit: int = 24) -> tuple[Array, Array]:
    """Return a nearly optimal u and its slack, for which u > z tells the support.

    Args:
        matrix: H, shape (m, m), positive semi-definite with entries of order 1.
        linear: b, shape (m,).
        allowed: shape (m,), bool; coordinates that may leave 0.
        limit: largest number of steps, each with one factorisation.
    """
    size = jnp.max(jnp.where(allowed, jnp.abs(linear), 0))
    size = jnp.where(size > 0, size, 1)
    linear = jnp.where(allowed, linear / size, -1)
    pairs = allowed[:, None] & allowed[None, :]
    matrix = jnp.where(pairs, matrix, jnp.eye(len(linear), dtype=matrix.dtype))
    number = jnp.sum(allowed).astype(matrix.dtype)
    push = jnp.maximum(jnp.sum(jnp.maximum(linear, 0)), 1)
    even = push / jnp.maximum(jnp.sum(matrix), number / 2 + 1)
    point = jnp.full_like(linear, even)
    slack = jnp.maximum(times(matrix, point) - linear, 0) + 0.5
    start = _Interior(point, slack, jnp.int32(0), jnp.bool_(False))
    last = lax.while_loop(
        lambda s: ~s.done & (s.steps < limit), lambda s: _step(matrix, linear, s), start
    )
    return jnp.where(allowed, last.point * size, 0), last.slack * size


def _step(matrix: Array, linear: Array, s: _Interior) -> _Interior:
    unit = float(jnp.finfo(linear.dtype).eps)
    ratio = s.slack / s.point
    off = times(matrix, s.point) - linear - s.slack
    middle = dot(s.point, s.slack) / len(linear)
    ridge = unit * jnp.eye(len(linear), dtype=linear.dtype)
    factor = cholesky(matrix + jnp.diag(ratio) + ridge)

    ahead = cho_solve(factor, -off - s.slack)
    ahead_slack = -s.slack - ratio * ahead
    reach = jnp.minimum(_room(s.point, ahead), _room(s.slack, ahead_slack))
    gap = dot(s.point + reach * ahead, s.slack + reach * ahead_slack) / len(linear)
    aim = jnp.clip(gap / middle, 0, 1) ** 3 * middle - ahead * ahead_slack

    # One after the other: independent batched solves can block the CPU's thread pool for ever.
    move = cho_solve(factor, aim / s.point - off - s.slack)
    move_slack = aim / s.point - s.slack - ratio * move
    length = 0.99 * jnp.minimum(_room(s.point, move), _room(s.slack, move_slack))
    length = jnp.minimum(length, 1)
    point, slack = s.point + length * move, s.slack + length * move_slack
    lost = ~jnp.isfinite(jnp.sum(point) + jnp.sum(slack))
    point, slack = jnp.where(lost, s.point, point), jnp.where(lost, s.slack, slack)
    small = max(2 * unit, 1e-14) * jnp.sum(point) / len(linear)
    near = (dot(point, slack) / len(linear) <= small) & (jnp.max(jnp.abs(off)) <= unit**0.6)
    return _Interior(point, slack, s.steps + 1, near | lost)


def _room(x: Array, step: Array) -> Array:
    """Return the largest multiple of the step, at most 1/0.99, that leaves x non-negative."""
    reach = jnp.where(step < 0, -x / jnp.where(step < 0, step, 1), jnp.inf)
    return jnp.minimum(jnp.min(reach), 1 / 0.99)
