r"""Many problems $\min_{u \ge 0} \tfrac12 u^\top H u - b^\top u$ with one H."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import cho_solve

from moo._types import Array
from moo.aggregators._solvers._pivoting import FEW, minimal, proximal
from moo.aggregators._solvers._rows import cholesky, matmul, nonzero

_SWEEPS = 40
_PENALTY = 0.5
_RELAXATION = 1.6


class _Answers(NamedTuple):
    points: Array  # (k, m)
    open: Array  # (k,) bool: not solved yet


@jax.jit
def proximal_each(matrix: Array, linears: Array, allowed: Array) -> Array:
    r"""Minimise $\tfrac12 u^\top H u - b^\top u$ over $u \ge 0$ for each of several b.

    Alternating directions take all of them at once and factor H once. Those that do not reach their
    minimum to rounding in a fixed number of steps are solved one by one.

    Args:
        matrix: H, shape (m, m), positive semi-definite with entries of order 1.
        linears: shape (k, m), one b a row.
        allowed: shape (m,), bool; coordinates that may leave 0.

    Returns:
        The minimisers, shape (k, m).
    """
    if len(allowed) <= FEW:
        alone: Array = jax.vmap(lambda linear: proximal(matrix, linear, allowed))(linears)
        return alone
    points = _alternating(matrix, linears, allowed)
    solved = jax.vmap(lambda b, u: minimal(matrix, b, allowed, u))(linears, points)
    # NaN must end the search as well.
    start = _Answers(points, ~solved & jnp.isfinite(jnp.sum(matrix)))
    last = lax.while_loop(
        lambda s: s.open.any(), lambda s: _next(matrix, linears, allowed, s), start
    )
    return last.points


def _next(matrix: Array, linears: Array, allowed: Array, s: _Answers) -> _Answers:
    """Solve the first problem that is open."""
    row = jnp.argmax(s.open)
    point = proximal(matrix, linears[row], allowed)
    return _Answers(s.points.at[row].set(point), s.open.at[row].set(False))


def _alternating(matrix: Array, linears: Array, allowed: Array) -> Array:
    """Return what a fixed number of over-relaxed steps reaches, shape (k, m)."""
    eye = jnp.eye(len(allowed), dtype=matrix.dtype)
    # A light penalty beside large eigenvalues would leave their rounding errors in the answer.
    typical = jnp.sum(matrix**2) / nonzero(jnp.trace(matrix))
    penalty = jnp.maximum(_PENALTY, typical / 16)
    inverse = cho_solve(cholesky(matrix + penalty * eye), eye)

    def advance(_: Array, s: tuple[Array, Array]) -> tuple[Array, Array]:
        points, prices = s
        free = matmul(linears + penalty * points - prices, inverse)
        mixed = _RELAXATION * free + (1 - _RELAXATION) * points + prices / penalty
        points = jnp.where(allowed, jnp.maximum(mixed, 0), 0)
        return points, penalty * (mixed - points)

    zeros = jnp.zeros_like(linears)
    points, _ = lax.fori_loop(0, _SWEEPS, advance, (zeros, zeros))
    return points
