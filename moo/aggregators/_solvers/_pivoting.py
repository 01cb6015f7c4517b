r"""Block principal pivoting for $\min_{u \ge 0} \tfrac12 u^\top H u - b^\top u$.

The method of Júdice and Pires (1994): a guess at the support is solved for, and all coordinates
that contradict it change sides at once, one at a time where that does not help. A handful of
factorisations suffices at any m, and a good first guess saves most of them.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import cho_solve

from moo._types import Array
from moo.aggregators._solvers._interior import interior
from moo.aggregators._solvers._rows import cholesky, dot, matmul, times

_PATIENCE = 3
_PASSES = 12
_ROUNDS = 48  # a near guess needs one or two
FEW = 8  # up to so many rows pivoting from 0 does not wander, and compiles sooner


class _Pivots(NamedTuple):
    point: Array  # (m,): the solution on the support, 0 elsewhere
    support: Array  # (m,) bool
    fewest: Array  # (), int32: the fewest contradictions met so far
    patience: Array  # (), int32: block exchanges left without a new fewest
    passes: Array  # (), int32
    done: Array  # (), bool


class Guess(NamedTuple):
    """Where a sequence of proximal rounds stands.

    Attributes:
        point: shape (m,), non-negative: u.
        support: shape (m,), bool; where u may be positive.
        rho: (): the proximal weight of the next round.
        finished: (), bool; whether the last round was solved, and with the least weight.
        settled: (), bool; whether it also moved u by no more than rounding.
    """

    point: Array
    support: Array
    rho: Array
    finished: Array
    settled: Array

    @classmethod
    def origin(cls, allowed: Array, dtype: jnp.dtype) -> "Guess":
        """Start at 0 with the least weight."""
        no = jnp.bool_(False)
        return cls(jnp.zeros(len(allowed), dtype), jnp.zeros_like(allowed),
                   jnp.asarray(_least(dtype), dtype), no, no)  # fmt: skip

    @classmethod
    def near(cls, matrix: Array, linear: Array, allowed: Array) -> "Guess":
        """Start at the answer of an interior-point method, where pivoting alone may wander."""
        origin = cls.origin(allowed, matrix.dtype)
        if len(allowed) <= FEW:
            return origin
        point, slack = interior(matrix, linear, allowed)
        # Rounding in b may leave no minimum: the point then runs off along a null vector of H.
        reach = jnp.sum(point) * float(jnp.finfo(point.dtype).eps) ** 0.6
        near = reach <= jnp.max(jnp.abs(linear))
        support = allowed & (point > slack) & near
        # Where many supports are right, what looks like 0 may be needed to reach the minimum.
        kept = jnp.where(support, point, 0)
        exact = minimal(matrix, linear, allowed, kept)
        settled = (exact | minimal(matrix, linear, allowed, point)) & near
        point = jnp.where(near, jnp.where(exact, kept, point), 0)
        return origin._replace(point=point, support=support, settled=settled)


@jax.jit
def proximal(matrix: Array, linear: Array, allowed: Array) -> Array:
    r"""Minimise $\tfrac12 u^\top H u - b^\top u$ over $u \ge 0$ for a positive semi-definite H.

    Args:
        matrix: H, shape (m, m), with entries of order 1.
        linear: b, shape (m,), in the range of H.
        allowed: shape (m,), bool; coordinates that may leave 0.

    Returns:
        The minimiser u, shape (m,).
    """
    start = (Guess.near(matrix, linear, allowed), jnp.int32(0))
    guess, _ = lax.while_loop(
        lambda s: ~s[0].settled & (s[1] < _ROUNDS),
        lambda s: (proximal_round(matrix, linear, allowed, s[0]), s[1] + 1),
        start,
    )
    return guess.point


def proximal_round(matrix: Array, linear: Array, allowed: Array, guess: Guess) -> Guess:
    r"""Minimise the same plus $\tfrac{\rho}{2} \lVert u - u' \rVert^2$ with the last answer $u'$.

    The rounds converge to a minimiser whatever the rank of H, so the ridge leaves no trace. A round
    that pivoting does not finish is tried again with a heavier weight, unless $u'$ is a minimiser
    to rounding already: which of many supports it has is then anyone's guess.
    """
    ridged = matrix + guess.rho * jnp.eye(matrix.shape[0], dtype=matrix.dtype)
    shifted = linear + guess.rho * guess.point
    last = _pivot(ridged, shifted, allowed, guess.support, _PASSES)
    point = jnp.where(last.done, jnp.maximum(last.point, 0), guess.point)
    least = _least(matrix.dtype)
    finished = last.done & (guess.rho <= least)
    noise = 0.5 * float(jnp.finfo(matrix.dtype).eps) * (jnp.max(jnp.abs(linear)) + jnp.sum(point))
    moved = guess.rho * jnp.max(jnp.abs(point - guess.point))
    # NaN must end the rounds as well.
    settled = jnp.where(last.done, ~(moved > noise), minimal(matrix, linear, allowed, guess.point))
    lighter = jnp.maximum(guess.rho / 32, least)
    rho = jnp.where(last.done, lighter, jnp.minimum(32 * guess.rho, 1))
    return Guess(point, last.support & last.done, rho, finished, settled)


def minimal(matrix: Array, linear: Array, allowed: Array, point: Array) -> Array:
    """Tell whether u satisfies the conditions of a minimum to rounding."""
    slope = times(matrix, point) - linear
    total = jnp.sum(point)
    unit = max(4 * float(jnp.finfo(matrix.dtype).eps), 2e-14)
    size = jnp.max(jnp.abs(linear))
    noise = unit * (size + total)
    lowest = jnp.min(jnp.where(allowed, slope, 0))
    return (lowest >= -noise) & (dot(point, slope) <= noise * jnp.minimum(size, total))


def _least(dtype: jnp.dtype) -> float:
    """Return the least proximal weight: far above the rounding errors of a factorisation."""
    return float(jnp.finfo(dtype).eps) ** 0.5 / 4


def _pivot(matrix: Array, linear: Array, allowed: Array, support: Array, limit: int) -> _Pivots:
    """Pivot from a guess at the support, for a positive definite H."""
    m = linear.shape[0]
    start = _Pivots(jnp.zeros_like(linear), support & allowed, jnp.int32(m + 1),
                    jnp.int32(_PATIENCE), jnp.int32(0), jnp.bool_(False))  # fmt: skip
    return lax.while_loop(
        lambda s: ~s.done & (s.passes < limit),
        lambda s: _exchange(matrix, linear, allowed, s),
        start,
    )


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
    factor = cholesky(block)
    point = cho_solve(factor, inside)
    left = inside - matmul(block, point)
    point = point + cho_solve(factor, jnp.where(free, left, 0))
    return jnp.where(free, point, 0).reshape(linear.shape)


def _exchange(matrix: Array, linear: Array, allowed: Array, s: _Pivots) -> _Pivots:
    """Solve on the support, and move what contradicts it to the other side."""
    point = solve_on(s.support, matrix, linear)
    slope = linear - times(matrix, point)
    terms = jnp.abs(linear) + times(jnp.abs(matrix), jnp.abs(point))
    noise = float(jnp.finfo(matrix.dtype).eps) * terms
    wrong = jnp.where(s.support, point < 0, allowed & (slope > noise))
    number = jnp.sum(wrong).astype(jnp.int32)
    fewer = number < s.fewest
    patience = jnp.where(fewer, _PATIENCE, jnp.maximum(s.patience - 1, -1))
    index = jnp.arange(len(linear))
    last = index == jnp.max(jnp.where(wrong, index, -1))
    moved = jnp.where(fewer | (patience >= 0), wrong, last)
    return _Pivots(point, s.support ^ moved, jnp.minimum(number, s.fewest), patience,
                   s.passes + 1, number == 0)  # fmt: skip
