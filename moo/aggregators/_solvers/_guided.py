"""PMGDA's linear program: the best worst decrease among directions that follow a given one."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._linear_program import Program, linear_program
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times
from moo.aggregators._solvers._solution import Solution


@jax.jit
def guided(gram: Gram, active: Array, pull: Array, sigma: ArrayLike) -> Solution:
    r"""Solve $\max_v \min_i g_i^\top v$ subject to $\hat q^\top v \ge \sigma$ near $q = J^\top p$.

    v lies in the hull of the unit rows and $\hat q$, the unit vector of q. Where q is 0, to its
    rounding error, v is the shortest vector in the hull of the rows instead.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        pull: p, shape (m,), of order 1; 0 where inactive.
        sigma: $\sigma \in [0, 1]$.

    Returns:
        Weights of v on the rows, which may be negative.
    """
    rows = Rows.of(gram, active)
    own = pull * rows.length
    pushed = times(rows.cosines, own)
    square = jnp.maximum(dot(own, pushed), 0)
    vague = square <= rounding(own.dtype) * jnp.sum(jnp.abs(own)) ** 2
    size = jnp.where(vague, 1, jnp.sqrt(square))
    vertex = linear_program(_program(rows, pushed / size, sigma))
    m = len(pull)
    shares = vertex.point[: m + 1] / nonzero(jnp.sum(vertex.point[: m + 1]))
    units = jnp.where(rows.present, shares[:m], 0) + shares[m] * own / size
    weights = jnp.where(rows.present, units / jnp.where(rows.present, gram.lengths, 1), 0)
    followed = rows.solution(weights, vertex.residual, vertex.converged)
    shortest = min_norm(gram, active)
    return Solution(*(jnp.where(vague, a, b) for a, b in zip(shortest, followed, strict=True)))


def _program(rows: Rows, cosines: Array, sigma: ArrayLike) -> Program:
    """Pose it in the shares of the unit rows and of q, and in the worst decrease as a difference.

    Decreases are in units of the longest norm.
    """
    m, dtype = len(cosines), cosines.dtype
    decreases = rows.length[:, None] * jnp.column_stack([rows.cosines, cosines])
    worst = jnp.array([-1, 1], dtype)
    upper = jnp.column_stack([decreases, jnp.broadcast_to(worst, (m, 2))])
    lower = jnp.concatenate([cosines, jnp.array([1, 0, 0], dtype)])
    return Program(
        goal=jnp.concatenate([jnp.zeros(m + 1, dtype), -worst]),
        rows=jnp.concatenate([upper, lower[None]]),
        bounds=jnp.append(jnp.zeros(m, dtype), jnp.asarray(sigma, dtype)),
        share=jnp.concatenate([jnp.ones(m + 1, dtype), jnp.zeros(2, dtype)]),
        total=jnp.ones((), dtype),
        allowed=jnp.concatenate([rows.active, jnp.ones(3, bool)]),
        kept=jnp.append(rows.active, True),
    )
