"""The min-norm point with a pull towards given weights."""

import functools

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram, times_power_of_two
from moo._types import Array
from moo.aggregators._solvers._balanced import Balanced
from moo.aggregators._solvers._piecewise import minimise
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import Rows, dot, rounding, times
from moo.aggregators._solvers._simplex import over_active
from moo.aggregators._solvers._solution import Solution


@functools.partial(jax.jit, static_argnames="relative")
def regularised_min_norm(
    gram: Gram,
    active: Array,
    prior: Array,
    l1: ArrayLike = 0.0,
    l2: ArrayLike = 0.0,
    centre: Array | None = None,
    *,
    relative: bool = False,
) -> Solution:
    r"""Solve the min-norm problem with an L1 and an L2 pull towards given weights.

    $$\min_{w \in \Delta} \tfrac12 w^\top G w + l_1 \lVert w - p \rVert_1 +
    \tfrac{l_2}{2} \lVert w - c \rVert^2.$$

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        prior: p, shape (m,), non-negative; scaled to the simplex over the active rows.
        l1: $l_1$, at least 0, in units of a squared gradient.
        l2: $l_2$, at least 0, in units of a squared gradient.
        centre: c, shape (m,), non-negative, scaled likewise; None for the prior.
        relative: whether $l_1$ and $l_2$ are in units of the mean squared norm of the active rows,
            $\mathrm{tr}\, G / m$, so that no scale of the gradients matters.

    Returns:
        Weights in the simplex over the active rows; the residual is the duality gap relative to the
        objective's value, beyond rounding.
    """
    rows = Rows.of(gram, active)
    prior = _on_simplex(rows, prior)
    centre = prior if centre is None else _on_simplex(rows, centre)
    first, second = _penalties(gram, rows, l1, l2, relative)
    size = _size(rows, prior, centre, first, second)
    square = jnp.where(size > 0, size, 1) ** 2
    balanced = Balanced.of(rows, size, second)
    normal = balanced.normal
    stiff = second / square * normal**2
    pull = second / square * normal * centre
    slope = jnp.broadcast_to(first / square, normal.shape) * normal
    kink = jnp.where(slope > 0, prior * balanced.stretch, 0)
    bound = jnp.full_like(kink, jnp.inf)
    program = Program(balanced.hessian + jnp.diag(stiff), pull, normal, jnp.ones_like(size),
                      kink, slope, bound, rows.active)  # fmt: skip
    weights = balanced.weights(minimise(program).point)
    gap = _gap(balanced, weights, prior, centre, first / square, second / square)
    return rows.solution(weights, gap)


def _on_simplex(rows: Rows, point: Array) -> Array:
    return over_active(jnp.maximum(jnp.asarray(point, rows.cosines.dtype), 0), rows.active)


def _penalties(
    gram: Gram, rows: Rows, l1: ArrayLike, l2: ArrayLike, relative: bool
) -> tuple[Array, Array]:
    """Return both weights in units of the longest row's squared norm."""
    dtype = rows.cosines.dtype
    pair = jnp.stack([jnp.asarray(l1, dtype), jnp.asarray(l2, dtype)])
    if relative:
        return tuple(pair * (jnp.sum(rows.length**2) / rows.number))
    # Twice by halves, for the square of a norm may not be a number of this dtype.
    longest = jnp.argmax(rows.length)
    norm = jnp.where(rows.present.any(), gram.norms[longest], 1)
    power = jnp.where(rows.present.any(), gram.exponents[longest], 0)
    scaled = times_power_of_two(times_power_of_two(pair, -power), -power) / norm**2
    return tuple(jnp.minimum(scaled, float(jnp.finfo(dtype).max) ** 0.25))


def _size(rows: Rows, prior: Array, centre: Array, l1: Array, l2: Array) -> Array:
    """Return a length that the answer's does not exceed by much."""
    units = rows.length * prior
    at_prior = dot(units, times(rows.cosines, units)) + l2 * jnp.sum((prior - centre) ** 2)
    missing = (1 - centre) ** 2 + jnp.sum(centre**2) - centre**2
    at_rows = rows.length**2 + 4 * l1 * (1 - prior) + l2 * missing
    value = jnp.min(jnp.where(rows.active, at_rows, jnp.inf))
    value = jnp.minimum(value, at_prior) + l1 + l2 / rows.number
    shortest = jnp.min(jnp.where(rows.present, rows.length, jnp.inf))
    return jnp.clip(jnp.sqrt(value), jnp.where(jnp.isfinite(shortest), shortest, 0), None)


def _gap(
    balanced: Balanced, weights: Array, prior: Array, centre: Array, l1: Array, l2: Array
) -> Array:
    """Compare with the best weights for the objective with its smooth part made linear."""
    active = balanced.rows.active
    projections, errors = balanced.projections(weights * balanced.stretch)
    away = weights - centre
    slopes = projections + l2 * away
    errors = errors + rounding(away.dtype) * l2 * (weights + centre)
    # Weight leaves its prior place where that gains more than twice l1.
    lowest = jnp.min(jnp.where(active, slopes + errors, jnp.inf))
    gains = jnp.where(active, slopes - errors - lowest - 2 * l1, 0)
    moved = jnp.abs(weights - prior)
    excess = dot(weights - prior, slopes) + dot(prior, jnp.maximum(gains, 0)) + l1 * jnp.sum(moved)
    excess = excess - dot(moved, errors)
    value = dot(weights, projections) / 2 + l1 * jnp.sum(moved) + l2 / 2 * dot(away, away)
    least = jnp.square(balanced.noise(weights * balanced.stretch))
    size = jnp.maximum(value, least)
    return jnp.maximum(excess, 0) / jnp.where(size > 0, size, 1)
