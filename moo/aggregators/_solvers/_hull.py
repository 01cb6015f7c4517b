"""A linear function, the norm and the squared norm, minimised together over the convex hull."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._balanced import Balanced
from moo.aggregators._solvers._piecewise import Place, minimise, tangent
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding
from moo.aggregators._solvers._solution import Solution


@jax.jit
def hull_norm(
    gram: Gram, active: Array, linear: Array, tau: ArrayLike, kappa: ArrayLike = 0.0
) -> Solution:
    r"""Minimise a linear function, the norm and its square over the convex hull of the rows.

    $$\min_{w \in \Delta} \; l^\top w + \tau r + \tfrac{\kappa}{2} r^2, \qquad
    r = \lVert J^\top w \rVert / L, \quad L \text{ the longest active row's norm.}$$

    Lengths count in units of L, as `length` of `Rows` does, so that no square of a gradient's scale
    is ever a number: for a problem that is homogeneous in J divide the objective by $L^2$, else
    multiply the coefficient of the plain norm by L and that of its square by $L^2$.

    It is the quadratic program $\min \beta\, l^\top w + \tfrac12 r^2$ with $\beta = r / (\tau +
    \kappa r)$. Along its path r grows with $\beta$ and $r / \beta$ shrinks, so there is one root.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        linear: l, shape (m,).
        tau: $\tau$, at least 0.
        kappa: $\kappa$, at least 0, and above 0 where $\tau$ is 0.

    Returns:
        Weights in the simplex over the active rows; the residual is the duality gap relative to the
        objective above its linear part's least value, beyond rounding.
    """
    rows = Rows.of(gram, active)
    dtype = rows.cosines.dtype
    linear = jnp.where(rows.active, jnp.asarray(linear, dtype), jnp.inf)
    linear = jnp.where(rows.active, linear - jnp.min(linear), 0)
    tau, kappa = jnp.asarray(tau, dtype), jnp.asarray(kappa, dtype)
    size = _size(rows, linear, tau, kappa)
    balanced = Balanced.of(rows, size)
    tau, kappa = tau * size, kappa * size**2
    point, bound = _search(balanced, linear, tau, kappa)
    weights = balanced.weights(point)
    return rows.solution(weights, _gap(balanced, weights, linear, tau, kappa, bound))


def _size(rows: Rows, linear: Array, tau: Array, kappa: Array) -> Array:
    """Bound the length of the answer by the best single row."""
    values = linear + tau * rows.length + kappa / 2 * rows.length**2
    value = jnp.min(jnp.where(rows.active, values, jnp.inf))
    by_norm = jnp.where(tau > 0, value / jnp.where(tau > 0, tau, 1), jnp.inf)
    root = jnp.sqrt(2 * value / jnp.where(kappa > 0, kappa, 1))
    size = jnp.minimum(by_norm, jnp.where(kappa > 0, root, jnp.inf))
    shortest = jnp.min(jnp.where(rows.present, rows.length, jnp.inf))
    size = jnp.clip(size, jnp.where(jnp.isfinite(shortest), shortest, 1), 1)
    return jnp.where(size > 0, size, 1)


class _Search(NamedTuple):
    place: Place
    point: Array  # (m,): the answer so far
    bound: Array  # (): no objective is below
    beta: Array  # ()
    low: Array  # (): a beta too small
    high: Array  # (): one too large
    rounds: Array  # (), int32
    done: Array  # (), bool


def _search(
    balanced: Balanced, linear: Array, tau: Array, kappa: Array, limit: int = 48
) -> tuple[Array, Array]:
    r"""Find the $\beta$ that its own answer asks for, by Newton on its logarithm."""
    zeros = jnp.zeros_like(linear)
    force = -linear * balanced.normal

    def program(beta: Array) -> Program:
        unbounded = jnp.full_like(zeros, jnp.inf)
        return Program(balanced.hessian, beta * force, balanced.normal, jnp.ones_like(beta),
                       zeros, zeros, unbounded, balanced.rows.active)  # fmt: skip

    def advance(s: _Search) -> _Search:
        posed = program(s.beta)
        place = minimise(posed, s.place)
        norm = jnp.maximum(balanced.norm(place.point), balanced.noise(place.point))
        asked = norm / nonzero(tau + kappa * norm)
        low = jnp.where(asked >= s.beta, s.beta, s.low)
        high = jnp.where(asked <= s.beta, s.beta, s.high)
        turn = tangent(posed, place, force)
        # Where r vanishes with beta, the end of the path is seen from here, above the rounding.
        rest = place.point - s.beta * turn
        ended = (norm <= tau * s.beta) & (balanced.norm(rest) <= balanced.noise(place.point))
        ended = ended & (jnp.min(rest) >= -rounding(rest.dtype) * jnp.sum(place.point))
        bound = jnp.maximum(s.bound, _bound(balanced, place.point, linear, tau, s.beta))
        beta = _next(s.beta, asked, dot(force, turn), norm, low, high, tau, kappa)
        still = jnp.abs(beta - s.beta) <= rounding(beta.dtype) * s.beta
        done = still | ended | ~jnp.isfinite(beta)
        point = jnp.where(ended, jnp.maximum(rest, 0), place.point)
        return _Search(place, point, bound, beta, low, high, s.rounds + 1, done)

    beta = 1 / nonzero(tau + kappa)
    origin = Place(zeros, jnp.zeros_like(beta), jnp.zeros(linear.shape, jnp.int32),
                   _rho(beta.dtype), jnp.bool_(False))  # fmt: skip
    start = _Search(origin, zeros, jnp.full_like(beta, -jnp.inf), beta, jnp.zeros_like(beta),
                    jnp.full_like(beta, jnp.inf), jnp.int32(0), jnp.bool_(False))  # fmt: skip
    last = lax.while_loop(lambda s: ~s.done & (s.rounds < limit), advance, start)
    return last.point, last.bound


def _next(
    beta: Array,
    asked: Array,
    rate: Array,
    norm: Array,
    low: Array,
    high: Array,
    tau: Array,
    kappa: Array,
) -> Array:
    r"""Take Newton's step for $\log \beta$ inside the bracket, or halve the bracket, or grow it."""
    rise = jnp.clip(rate * (beta / nonzero(norm)) ** 2, 0, 1)  # the slope of log r
    gain = rise * tau / nonzero(tau + kappa * norm)
    step = jnp.log(asked / beta) / jnp.maximum(1 - gain, 1e-3)
    # A linear part below the rounding of the quadratic one would be lost.
    proposal = beta * jnp.exp(jnp.clip(step, -3, 20))
    inside = (proposal >= low) & (proposal <= high)
    middle = jnp.sqrt(jnp.maximum(low, high / 64)) * jnp.sqrt(high)
    return jnp.where(inside, proposal, jnp.where(jnp.isfinite(high), middle, 4 * beta))


def _bound(balanced: Balanced, point: Array, linear: Array, tau: Array, beta: Array) -> Array:
    r"""Return $\min_i l_i + g_i^\top y$ with $y = v / \beta$, no more than the objective.

    That holds for every y no longer than $\tau$.
    """
    slopes, errors = balanced.projections(point)
    lowest = linear + (slopes - errors) / beta
    fits = balanced.norm(point) <= tau * beta
    least = jnp.min(jnp.where(balanced.rows.active, lowest, jnp.inf))
    return jnp.where(fits, least, -jnp.inf)


def _rho(dtype: jnp.dtype) -> Array:
    return jnp.asarray(float(jnp.finfo(dtype).eps) ** 0.5 / 4, dtype)


def _gap(
    balanced: Balanced, weights: Array, linear: Array, tau: Array, kappa: Array, bound: Array
) -> Array:
    """Compare with the objective's linear model at v, or with the bound where v vanishes."""
    point = weights * balanced.stretch
    noise = balanced.noise(point)
    norm = jnp.maximum(balanced.norm(point), noise)
    rate = tau / nonzero(norm) + kappa
    projections, errors = balanced.projections(point)
    slopes, errors = linear + rate * projections, rate * errors
    lowest = jnp.min(jnp.where(balanced.rows.active, slopes + errors, jnp.inf))
    excess = dot(weights, slopes) - dot(weights, errors) - lowest
    vanishing = balanced.norm(point) <= noise
    over = dot(weights, linear) - bound
    excess = jnp.where(vanishing, over, excess)
    value = dot(weights, linear) + tau * norm + kappa * norm**2
    return jnp.maximum(excess, 0) / nonzero(value)
