r"""Block principal pivoting for $\min_{u \ge 0} \tfrac12 u^\top H u - b^\top u$.

The method of Júdice and Pires (1994): a guess at the support is solved for, and all coordinates
that contradict it change sides at once, one at a time where that does not help. A handful of
factorisations suffices at any m, and a good first guess saves most of them.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import cho_solve

from moo._types import Array
from moo.aggregators._solvers._rows import rounding, times

_PATIENCE = 3


class _Pivots(NamedTuple):
    point: Array  # (m,): the solution on the support, 0 elsewhere
    support: Array  # (m,) bool
    fewest: Array  # (), int32: the fewest contradictions met so far
    patience: Array  # (), int32: block exchanges left without a new fewest
    passes: Array  # (), int32
    done: Array  # (), bool


class _Rounds(NamedTuple):
    point: Array  # (m,)
    support: Array  # (m,) bool
    number: Array  # (), int32
    done: Array  # (), bool


def ridge(dtype: jnp.dtype) -> float:
    """Return the proximal weight: far above the rounding errors of a factorisation."""
    return float(jnp.finfo(dtype).eps) ** 0.5 / 4


def proximal(matrix: Array, linear: Array, allowed: Array, limit: int = 40) -> Array:
    r"""Minimise $\tfrac12 u^\top H u - b^\top u$ over $u \ge 0$ for a positive semi-definite H.

    A singular H is met by proximal rounds: each adds $\tfrac{\rho}{2}\lVert u - u'\rVert^2$ with
    the answer $u'$ of the round before, so the ridge leaves no trace in the limit.

    Args:
        matrix: H, shape (m, m), with entries of order 1.
        linear: b, shape (m,), in the range of H.
        allowed: shape (m,), bool; coordinates that may leave 0.
        limit: largest number of proximal rounds.

    Returns:
        The minimiser u, shape (m,).
    """
    rho = ridge(matrix.dtype)
    ridged = matrix + rho * jnp.eye(matrix.shape[0], dtype=matrix.dtype)

    def advance(s: _Rounds) -> _Rounds:
        point, support = pivot(ridged, linear + rho * s.point, allowed, s.support)
        return _Rounds(point, support, s.number + 1, settled(point, s.point, linear))

    start = _Rounds(jnp.zeros_like(linear), jnp.zeros_like(allowed), jnp.int32(0), jnp.bool_(False))
    return lax.while_loop(lambda s: ~s.done & (s.number < limit), advance, start).point


def settled(point: Array, before: Array, linear: Array) -> Array:
    """Say whether what a proximal round still changes is below the rounding of its gradient."""
    noise = 2 * float(jnp.finfo(point.dtype).eps) * (jnp.max(jnp.abs(linear)) + jnp.sum(point))
    return ~(ridge(point.dtype) * jnp.max(jnp.abs(point - before)) > noise)


def pivot(matrix: Array, linear: Array, allowed: Array, support: Array) -> tuple[Array, Array]:
    """Minimise the same for a positive definite H, from a guess at the support.

    Args:
        matrix: H, shape (m, m).
        linear: b, shape (m,).
        allowed: shape (m,), bool; coordinates that may leave 0.
        support: shape (m,), bool; the guess.

    Returns:
        The minimiser, shape (m,), and its support; after m + 32 passes the last guess.
    """
    m = linear.shape[0]
    limit = m + 32
    start = _Pivots(jnp.zeros_like(linear), support & allowed, jnp.int32(m + 1),
                    jnp.int32(_PATIENCE), jnp.int32(0), jnp.bool_(False))  # fmt: skip
    last = lax.while_loop(
        lambda s: ~s.done & (s.passes < limit),
        lambda s: _exchange(matrix, linear, allowed, s),
        start,
    )
    return jnp.maximum(last.point, 0), last.support


def solve_on(support: Array, matrix: Array, linear: Array) -> Array:
    """Solve H u = b on the support, 0 elsewhere, with one step of refinement.

    Several right-hand sides, shape (m, k), share one factorisation: independent batched ones side
    by side can block each other for ever in the CPU's thread pool.
    """
    columns = linear.reshape(len(linear), -1)
    free = support[:, None]
    inside = jnp.where(free, columns, 0)
    block = jnp.where(
        support[:, None] & support[None, :], matrix, jnp.eye(len(linear), dtype=matrix.dtype)
    )
    factor = (jnp.linalg.cholesky(block), True)
    point = cho_solve(factor, inside)
    left = inside - jnp.sum(block[:, :, None] * point[None, :, :], axis=1)
    point = point + cho_solve(factor, jnp.where(free, left, 0))
    return jnp.where(free, point, 0).reshape(linear.shape)


def _exchange(matrix: Array, linear: Array, allowed: Array, s: _Pivots) -> _Pivots:
    """Solve on the support, and move what contradicts it to the other side."""
    point = solve_on(s.support, matrix, linear)
    slope = linear - times(matrix, point)
    noise = rounding(matrix.dtype) * (jnp.abs(linear) + times(jnp.abs(matrix), jnp.abs(point)))
    wrong = jnp.where(s.support, point < 0, allowed & (slope > noise))
    number = jnp.sum(wrong).astype(jnp.int32)
    fewer = number < s.fewest
    patience = jnp.where(fewer, _PATIENCE, jnp.maximum(s.patience - 1, -1))
    index = jnp.arange(len(linear))
    last = index == jnp.max(jnp.where(wrong, index, -1))
    moved = jnp.where(fewer | (patience >= 0), wrong, last)
    return _Pivots(point, s.support ^ moved, jnp.minimum(number, s.fewest), patience,
                   s.passes + 1, number == 0)  # fmt: skip
