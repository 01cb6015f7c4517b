"""Multipliers on the simplex that are carried from step to step, and the products they meet."""

from collections.abc import Sequence

import jax.numpy as jnp

from moo._jacobian import Gram, Jacobian
from moo._jacobian._gram import times_power_of_two
from moo._types import Array
from moo.aggregators._base import active_mask

# A step of 2**60 times its slope's digits has reached a face of the simplex in every dtype.
_LARGEST = 60


def stored(shares: Array, before: Array, active: Array) -> Array:
    """Put new shares of the active objectives beside what the inactive ones keep.

    Active ones without mass are given that of even multipliers, lest they stay at 0 for ever.
    """
    mass = jnp.sum(jnp.where(active, before, 0))
    mass = jnp.where(mass > 0, mass, jnp.mean(active.astype(mass.dtype)))
    return jnp.where(active, shares * mass, before)


def labelled(parts: Sequence[Jacobian]) -> Array:
    """Return the (m,) mask of objectives that are active in every part."""
    return jnp.stack([active_mask(part) for part in parts]).all(axis=0)


def scaled_products(gram: Gram) -> tuple[Array, Array]:
    """Return a Gramian, or a cross one, as a matrix of entries up to d times 2**exponent."""
    columns = gram.norms if gram.other_norms is None else gram.other_norms
    powers = gram.exponents if gram.other_exponents is None else gram.other_exponents
    left, high = _below_largest(gram.norms, gram.exponents)
    right, wide = _below_largest(columns, powers)
    matrix = gram.cosines * gram.norms[:, None] * columns[None, :]
    return times_power_of_two(matrix, left[:, None] + right[None, :]), high + wide


def slope(gram: Gram, shares: Array) -> Array:
    """Return G w; beyond 2**60 its scale is cut, which no projection onto a simplex sees."""
    matrix, exponent = scaled_products(gram)
    along = jnp.sum(matrix * shares, axis=1)
    return times_power_of_two(along, jnp.minimum(exponent, _LARGEST))


def _below_largest(norms: Array, exponents: Array) -> tuple[Array, Array]:
    """Return exponents less the largest one of a row that is not zero, and that one."""
    lowest = -(2**20)
    largest = jnp.max(jnp.where(norms == 0, lowest, exponents))
    largest = jnp.where(largest == lowest, 0, largest)
    return jnp.where(norms == 0, 0, exponents - largest), largest
