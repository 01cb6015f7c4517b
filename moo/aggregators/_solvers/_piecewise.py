r"""Block principal pivoting for a quadratic program with kinks, bounds and one equality.

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
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import dot, rounding, times
from moo.aggregators._solvers._segments import interior_segments

_PATIENCE = 3
_ZERO, _BELOW, _KINK, _ABOVE, _BOUND = -2, -1, 0, 1, 2


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
        start: the answer to a similar one; None to start at the kinks, or for many coordinates at
            the answer of an interior-point method, which also takes over where the rounds wander.

    Returns:
        The minimiser and its multiplier.
    """
    first = _origin(program) if start is None else start._replace(settled=jnp.bool_(False))
    if len(program.linear) <= FEW:
        return _rounds(program, first, 48)
    place, _ = lax.while_loop(
        lambda s: ~s[0].settled & (s[1] < 2),
        lambda s: (_rounds(program, _near(program, s[0], s[1] == 1), 8), s[1] + 1),
        (first, jnp.int32(start is None)),
    )
    return place


def _rounds(program: Program, start: Place, limit: int) -> Place:
    place, _ = lax.while_loop(
        lambda s: ~s[0].settled & (s[1] < limit),
        lambda s: (_round(program, s[0]), s[1] + 1),
        (start, jnp.int32(0)),
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


def _near(program: Program, other: Place, wanted: Array) -> Place:
    """Start at an interior point's answer where that is wanted, else at the other place."""
    inside = interior_segments(program, jnp.where(wanted, 24, 0))
    tight = inside.forces > inside.gaps
    first, second = program.kink > 0, inside.gaps[1] > 0
    below = jnp.where(tight[0], _ZERO, jnp.where(tight[2], _KINK, _BELOW))
    above = jnp.where(tight[3], _BOUND, _ABOVE)
    below = jnp.where(first, below, _KINK)
    places = jnp.where(second & ~tight[1], above, below).astype(jnp.int32)
    held = jnp.where(_free(places), inside.point, _held(program, places))
    exact = _minimal(program, held, inside.price)
    settled = exact | _minimal(program, inside.point, inside.price)
    least = jnp.asarray(_least(held.dtype), held.dtype)
    near = Place(jnp.where(exact, held, inside.point), inside.price, places, least, settled)
    return jax.tree.map(lambda a, b: jnp.where(wanted, a, b), near, other)


def _minimal(program: Program, point: Array, price: Array) -> Array:
    """Tell whether a point within the bounds is a minimiser to rounding."""
    unit = float(jnp.finfo(point.dtype).eps)
    force, size = _force(program, point, price)
    noise = unit * size
    first = jnp.minimum(point, program.kink)
    ends = jnp.minimum(program.bound, program.total / program.normal)
    rest = jnp.stack(
        [program.kink - first, jnp.maximum(ends - jnp.maximum(point, program.kink), 0)]
    )
    filled = jnp.stack([first, point - first])
    excess = force + jnp.stack([program.slope, -program.slope])
    gain = jnp.where(excess > noise, (excess - noise) * rest, 0)
    gain = gain + jnp.where(excess < -noise, -(excess + noise) * filled, 0)
    missed = jnp.abs(dot(program.normal, point) - program.total)
    met = missed <= 8 * unit * jnp.abs(program.total)
    return met & (jnp.sum(jnp.where(program.allowed, gain, 0)) <= dot(noise, point))


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
    held = _held(program, places)
    slopes = program.slope * jnp.where(free, places, 0).astype(held.dtype)
    force = program.linear - slopes - times(program.hessian, held)
    own, lifted = solve_on(free, program.hessian, jnp.stack([force, program.normal], axis=1)).T
    corner = _least(held.dtype)
    missing = program.total - dot(program.normal, held + own) + corner * place.price
    price = missing / (corner + dot(program.normal, lifted))
    return jnp.where(free, own + price * lifted, held), price


def _moves(program: Program, places: Array, point: Array, price: Array) -> Array:
    """Return -1, 0 or 1 for every coordinate: the next place on the left, none, on the right."""
    force, size = _force(program, point, price)
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


def _force(program: Program, point: Array, price: Array) -> tuple[Array, Array]:
    """Return what pulls every coordinate to the right, and the size of its terms."""
    force = program.linear - times(program.hessian, point) + price * program.normal
    size = jnp.abs(program.linear) + times(jnp.abs(program.hessian), jnp.abs(point))
    return force, size + jnp.abs(price * program.normal) + program.slope


def _held(program: Program, places: Array) -> Array:
    held = jnp.where(places == _KINK, program.kink, 0)
    return jnp.where(places == _BOUND, program.bound, held)


def _free(places: Array) -> Array:
    return (places == _BELOW) | (places == _ABOVE)


def _ridged(program: Program, rho: Array | float) -> Array:
    m = len(program.linear)
    return program.hessian + rho * jnp.eye(m, dtype=program.hessian.dtype)


def _least(dtype: jnp.dtype) -> float:
    """Return the least proximal weight: far above the rounding errors of a factorisation."""
    return float(jnp.finfo(dtype).eps) ** 0.5 / 4
