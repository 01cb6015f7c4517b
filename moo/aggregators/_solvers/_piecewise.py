r"""Block principal pivoting for a quadratic program with kinks, bounds and one equality.

$$\min_x \tfrac12 x^\top H x - b^\top x + \sum_i s_i |x_i - p_i| \quad \text{subject to}
\quad a^\top x = t, \; 0 \le x \le h.$$

Every coordinate is held at 0, at its kink or at its bound, or is free between two of them. A guess
at this is solved for, and all coordinates that contradict it move on to the next place, one at a
time where that does not help.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from moo._types import Array
from moo.aggregators._solvers._pivoting import FEW, solve_on
from moo.aggregators._solvers._rows import dot, rounding, times

_PATIENCE = 3
_ZERO, _BELOW, _KINK, _ABOVE, _BOUND = -2, -1, 0, 1, 2


class Program(NamedTuple):
    """The data of the program, with entries of order 1.

    Attributes:
        hessian: H, shape (m, m), positive semi-definite.
        linear: b, shape (m,).
        normal: a, shape (m,), positive.
        total: t, ().
        kink: p, shape (m,), in [0, h]; 0 where the slope is 0.
        slope: s, shape (m,), non-negative.
        bound: h, shape (m,), positive, may be infinite.
        allowed: shape (m,), bool; coordinates that may leave 0.
    """

    hessian: Array
    linear: Array
    normal: Array
    total: Array
    kink: Array
    slope: Array
    bound: Array
    allowed: Array


class Place(NamedTuple):
    """Where a sequence of proximal rounds stands.

    Attributes:
        point: x, shape (m,).
        price: (): the multiplier of the equality.
        places: shape (m,), int32; what every coordinate is held at.
        rho: (): the proximal weight of the next round.
        settled: (), bool; whether the last round moved nothing by more than rounding.
    """

    point: Array
    price: Array
    places: Array
    rho: Array
    settled: Array


class _Pivots(NamedTuple):
    point: Array
    price: Array
    places: Array
    fewest: Array  # (), int32: the fewest contradictions met so far
    patience: Array  # (), int32: block exchanges left without a new fewest
    passes: Array  # (), int32
    done: Array  # (), bool


@jax.jit
def minimise(program: Program, start: Place | None = None) -> Place:
    """Solve the program by proximal rounds, so that the rank of H does not matter.

    Args:
        program: the program.
        start: the answer to a similar one; None to start at the kinks.

    Returns:
        The minimiser and its multiplier.
    """
    limit = 48 if len(program.linear) <= FEW else 12
    first = _origin(program) if start is None else start._replace(settled=jnp.bool_(False))
    place, _ = lax.while_loop(
        lambda s: ~s[0].settled & (s[1] < limit),
        lambda s: (_round(program, s[0]), s[1] + 1),
        (first, jnp.int32(0)),
    )
    return place


def tangent(program: Program, place: Place, force: Array) -> Array:
    """Return how x moves with a force added to b, while every coordinate stays in its place."""
    free = _free(place.places)
    ridged = _ridged(program, _least(program.hessian.dtype))
    pushed, lifted = solve_on(free, ridged, jnp.stack([force, program.normal], axis=1)).T
    spread = dot(program.normal, lifted)
    price = jnp.where(spread > 0, dot(program.normal, pushed) / jnp.where(spread > 0, spread, 1), 0)
    return pushed - price * lifted


def _origin(program: Program) -> Place:
    dtype = program.hessian.dtype
    price = jnp.zeros((), dtype)
    places = jnp.zeros(program.linear.shape, jnp.int32)
    return Place(program.kink, price, places, jnp.asarray(_least(dtype), dtype), jnp.bool_(False))


def _round(program: Program, place: Place) -> Place:
    """Solve the program with proximal terms for the point and the multiplier."""
    ridged = program._replace(
        hessian=_ridged(program, place.rho), linear=program.linear + place.rho * place.point
    )
    last = _pivot(ridged, place)
    upper = jnp.maximum(program.bound, 0)
    point = jnp.where(last.done, jnp.clip(last.point, 0, upper), place.point)
    price = jnp.where(last.done, last.price, place.price)
    dtype = program.hessian.dtype
    least, unit = _least(dtype), float(jnp.finfo(dtype).eps)
    size = jnp.sum(jnp.abs(point)) + jnp.max(jnp.abs(program.linear))
    moved = place.rho * jnp.max(jnp.abs(point - place.point))
    missed = jnp.abs(dot(program.normal, point) - program.total)
    still = (moved <= 2 * unit * size) & (missed <= 8 * unit * jnp.abs(program.total))
    # Where nothing may move, no round meets the equality.
    still = still | ~jnp.any(program.allowed)
    # NaN must end the rounds as well.
    settled = last.done & (place.rho <= least) & (still | ~jnp.isfinite(size + price))
    lighter = jnp.maximum(place.rho / 32, least)
    rho = jnp.where(last.done, lighter, jnp.minimum(32 * place.rho, 1))
    places = jnp.where(last.done, last.places, 0)
    return Place(point, price, places, rho, settled)


def _pivot(program: Program, place: Place, limit: int = 16) -> _Pivots:
    start = _Pivots(place.point, place.price, place.places, jnp.int32(len(place.point) + 1),
                    jnp.int32(_PATIENCE), jnp.int32(0), jnp.bool_(False))  # fmt: skip
    return lax.while_loop(
        lambda s: ~s.done & (s.passes < limit),
        lambda s: _exchange(program, place, s),
        start,
    )


def _exchange(program: Program, place: Place, s: _Pivots) -> _Pivots:
    """Solve with every coordinate in its place, and move on what contradicts it."""
    point, price = _solve(program, place, s.places)
    wanted = _moves(program, s.places, point, price)
    wrong = wanted != 0
    number = jnp.sum(wrong).astype(jnp.int32)
    fewer = number < s.fewest
    patience = jnp.where(fewer, _PATIENCE, jnp.maximum(s.patience - 1, -1))
    index = jnp.arange(len(point))
    last = index == jnp.max(jnp.where(wrong, index, -1))
    moved = jnp.where(fewer | (patience >= 0), wrong, last)
    places = s.places + jnp.where(moved, wanted, 0)
    return _Pivots(point, price, places, jnp.minimum(number, s.fewest), patience,
                   s.passes + 1, number == 0)  # fmt: skip


def _solve(program: Program, place: Place, places: Array) -> tuple[Array, Array]:
    r"""Solve the bordered system; its corner $\rho$ keeps it solvable for every guess."""
    free = _free(places)
    held = jnp.where(places == _KINK, program.kink, 0)
    held = jnp.where(places == _BOUND, program.bound, held)
    slopes = program.slope * jnp.where(free, places, 0).astype(held.dtype)
    force = program.linear - slopes - times(program.hessian, held)
    own, lifted = solve_on(free, program.hessian, jnp.stack([force, program.normal], axis=1)).T
    corner = _least(held.dtype)
    missing = program.total - dot(program.normal, held + own) + corner * place.price
    price = missing / (corner + dot(program.normal, lifted))
    return jnp.where(free, own + price * lifted, held), price


def _moves(program: Program, places: Array, point: Array, price: Array) -> Array:
    """Return -1, 0 or 1 for every coordinate: the next place on the left, none, on the right."""
    force = program.linear - times(program.hessian, point) + price * program.normal
    size = jnp.abs(program.linear) + times(jnp.abs(program.hessian), jnp.abs(point))
    size = size + jnp.abs(price * program.normal) + program.slope
    noise = rounding(point.dtype) * size
    low = jnp.where(places < 0, 0, program.kink)
    high = jnp.where(places < 0, program.kink, program.bound)
    crossed = jnp.where(point > high, 1, jnp.where(point < low, -1, 0))
    least = jnp.where(places == _BOUND, 1, -1) * program.slope
    most = jnp.where(places == _ZERO, -1, 1) * program.slope
    right = (force > most + noise) & (places < _BOUND) & (high > low)
    left = (force < least - noise) & (places > _ZERO) & ((places == _BOUND) | (program.kink > 0))
    pulled = jnp.where(right, 1, jnp.where(left, -1, 0))
    return jnp.where(program.allowed, jnp.where(_free(places), crossed, pulled), 0)


def _free(places: Array) -> Array:
    return (places == _BELOW) | (places == _ABOVE)


def _ridged(program: Program, rho: Array | float) -> Array:
    m = len(program.linear)
    return program.hessian + rho * jnp.eye(m, dtype=program.hessian.dtype)


def _least(dtype: jnp.dtype) -> float:
    """Return the least proximal weight: far above the rounding errors of a factorisation."""
    return float(jnp.finfo(dtype).eps) ** 0.5 / 4
