"""CAGrad's problem: the best worst-case decrease in a ball around the mean gradient."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._dual_cone import conflict, projected
from moo.aggregators._solvers._min_norm import hull_gap
from moo.aggregators._solvers._pivoting import Guess, proximal_round, solve_on
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times, tolerance
from moo.aggregators._solvers._solution import Solution


@jax.jit
def conflict_averse(gram: Gram, active: Array, c: ArrayLike) -> Solution:
    r"""Solve $\max_v \min_i g_i^\top v$ subject to $\lVert v - g_0 \rVert \le c \lVert g_0 \rVert$.

    $g_0$ is the mean row. The dual is $\min_{w \in \Delta} g_w^\top g_0 + c \lVert g_0 \rVert
    \lVert g_w \rVert$ with $g_w = J^\top w$, and $v = g_0 + c \lVert g_0 \rVert g_w / \lVert g_w
    \rVert$. Where $g_w = 0$ every point of the ball that conflicts with no row is a solution, and
    the nearest to $g_0$ is taken: the projection of $g_0$ onto the dual cone.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        c: radius of the ball in units of the mean gradient's norm, at least 0.

    Returns:
        Weights of v on the rows; the residual is the duality gap relative to
        $\lVert g_w \rVert \lVert v \rVert$.
    """
    rows = Rows.of(gram, active)
    own = rows.length / rows.number
    radius = jnp.asarray(c, own.dtype) * jnp.sqrt(
        jnp.maximum(dot(own, times(rows.cosines, own)), 0)
    )
    pull = (_pair if active.shape[0] == 2 else _many)(rows, own, radius)
    size = _norm(rows, pull)
    vague = size <= _noise(pull)
    units = own + pull * jnp.where(~vague, radius / nonzero(size), 0)
    gap = hull_gap(rows, pull / nonzero(dot(rows.share, pull)), units)

    value = dot(pull, times(rows.cosines, own)) + radius * size
    gap = jnp.where(radius == 0, 0, gap)
    vanishing = (radius > 0) & (vague | (rows.zero.any() & (value >= 0)))
    doubtful = vanishing | (gap > tolerance(own.dtype))
    # Nothing may move where it is not wanted, so that it costs nothing there either.
    away = projected(rows, own, rows.present & doubtful) - own
    # Terms that cancel beyond rounding leave open whether the sum is in the ball.
    placed = _noise(jnp.abs(jnp.where(vanishing, away, pull))) <= 0.3 * jnp.where(
        vanishing, radius, size
    )
    # Rounding may take a short pull for none, whose nearest point lies outside the ball.
    nearest = own + away * jnp.minimum(radius / nonzero(_norm(rows, away)), 1)
    chosen = vanishing | (doubtful & (_worst(rows, nearest) > _worst(rows, units)))
    weights = rows.per_length(jnp.where(chosen, nearest, units))
    weights = jnp.where(rows.present, weights, 1 / rows.number)
    residual = jnp.where(vanishing, conflict(rows, nearest), gap)
    return rows.solution(weights, residual, placed | (radius == 0))


def _pair(rows: Rows, own: Array, radius: Array) -> Array:
    """Solve two rows in closed form, on the segment between them."""
    first, second = rows.length[0], rows.length[1]
    cosine = rows.cosines[0, 1]
    squares = (first - second) * (first + second)
    span = (first - second) ** 2 + 2 * first * second * (1 - cosine)  # |g1 - g2|²
    foot = second * (second - cosine * first) / nonzero(span)  # where g_w is shortest
    height = first * second * jnp.sqrt(jnp.maximum(1 - cosine**2, 0))  # |g_w| |g1 - g2| there
    room = 4 * radius**2 * span - squares**2
    drift = squares * height / jnp.sqrt(jnp.where(room > 0, room, 1))
    inner = foot - drift / nonzero(span)
    weight = jnp.where(room > 0, jnp.clip(inner, 0, 1), jnp.where(squares > 0, 0.0, 1.0))
    weight = jnp.where((span == 0) | ((squares == 0) & (room <= 0)), 0.5, weight)
    weight = jnp.where(rows.present[0], jnp.where(rows.present[1], weight, 1), 0)
    return jnp.stack([weight * first, (1 - weight) * second])


class _Search(NamedTuple):
    guess: Guess  # of y
    tension: Array  # (): t, grows with the distance of v from the mean
    low: Array  # (): a tension too small for the radius
    high: Array  # (): one too large, or infinity
    rounds: Array  # (), int32
    done: Array  # (), bool


def _many(rows: Rows, own: Array, radius: Array, limit: int = 64) -> Array:
    r"""Follow a piecewise linear path of y to where $\lVert J^\top y \rVert$ is the radius.

    The path is $y(t) = \arg\min_{y \ge 0} \tfrac12 \lVert g_0 + J^\top y \rVert^2 + \tfrac12
    (a^\top y - t)^2$; on the right face the radius is a quadratic in t.
    """
    share, mean = rows.share, times(rows.cosines, own)
    hessian = rows.cosines + share[:, None] * share[None, :]
    onset = jnp.where(rows.present, mean / jnp.where(rows.present, share, 1), jnp.inf)
    first = jnp.argmin(onset)
    low = jnp.where(jnp.isfinite(onset[first]), onset[first], 0)
    tension = low + radius * (1 + share[first] ** 2) / nonzero(share[first])

    def advance(s: _Search) -> _Search:
        linear = s.tension * share - mean
        guess = proximal_round(hessian, linear, rows.present, s.guess)
        known = guess.finished | guess.settled
        short = _norm(rows, guess.point) < radius
        low = jnp.where(known & short, s.tension, s.low)
        high = jnp.where(known & ~short, s.tension, s.high)
        proposal = _crossing(rows, hessian, mean, s.guess, guess, radius)
        same = (guess.support == s.guess.support).all()
        tension = jnp.where(known, _next(proposal, same, s.tension, low, high), s.tension)
        still = ~(jnp.abs(tension - s.tension) > rounding(own.dtype) * jnp.abs(s.tension))
        done = (still & guess.settled) | (known & short & (_noise(guess.point) >= radius))
        return _Search(guess, tension, low, high, s.rounds + 1, done)

    start = Guess.near(hessian, tension * share - mean, rows.present)
    search = _Search(start, tension, low,
                     jnp.full_like(low, jnp.inf), jnp.int32(0), jnp.bool_(False))  # fmt: skip
    search = lax.while_loop(lambda s: ~s.done & (s.rounds < limit), advance, search)
    return search.guess.point


def _crossing(
    rows: Rows, hessian: Array, mean: Array, before: Guess, guess: Guess, radius: Array
) -> Array:
    r"""Return the larger t with $\lVert J^\top (t A - B) \rVert$ the radius on the guessed face."""
    ridged = hessian + before.rho * jnp.eye(len(mean), dtype=mean.dtype)
    sides = jnp.stack([rows.share, mean - before.rho * before.point], axis=1)
    rate, offset = solve_on(guess.support, ridged, sides).T
    pushed = times(rows.cosines, rate)
    a, b = dot(rate, pushed), dot(offset, pushed)
    remainder = dot(offset, times(rows.cosines, offset)) - radius**2
    return (b + jnp.sqrt(jnp.maximum(b**2 - a * remainder, 0))) / a


def _next(proposal: Array, same: Array, tension: Array, low: Array, high: Array) -> Array:
    """Take Newton's proposal on a settled face or inside the bracket; else bisect, or grow it."""
    wider = low + 2 * (jnp.abs(low) + jnp.abs(tension))
    fallback = jnp.where(jnp.isinf(high), wider, (low + high) / 2)
    # A bracket from an unsettled round may be off by a little, never by much.
    close = jnp.abs(proposal - tension) <= 0.01 * jnp.abs(tension)
    trusted = (same & close) | ((proposal >= low) & (proposal <= high))
    return jnp.where(trusted & jnp.isfinite(proposal), proposal, fallback)


def _noise(units: Array) -> Array:
    """Return the length below which a combination of unit rows is 0 to working precision."""
    return float(rounding(units.dtype) ** 0.5) * jnp.sum(units)


def _worst(rows: Rows, units: Array) -> Array:
    r"""Return $\min_i g_i^\top v$, in units of the longest row."""
    projections = rows.length * times(rows.cosines, units)
    return jnp.min(jnp.where(rows.present, projections, jnp.inf))


def _norm(rows: Rows, units: Array) -> Array:
    return jnp.sqrt(jnp.maximum(dot(units, times(rows.cosines, units)), 0))
