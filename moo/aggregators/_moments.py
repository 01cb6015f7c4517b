"""Adam's moments, kept for every row apart."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._rowwise import cast_rows, column, freeze_inactive, stacked_zeros


class Moments(NamedTuple):
    """Steps each objective was active, shape (m,), int32, its first moments, and second ones.

    The latter are kept as their roots, since squares of large finite gradients overflow.
    """

    steps: Array
    first: PyTree
    roots: PyTree


def zero_moments(params: Params, num_objectives: int, dtype: Any) -> Moments:
    """Return moments of zero; leaves have shape (m, ...)."""
    first = stacked_zeros(params, num_objectives, dtype)
    return Moments(jnp.zeros(num_objectives, jnp.int32), first, jax.tree.map(jnp.copy, first))


def moved(moments: Moments, rows: PyTree, active: Array, b1: ArrayLike, b2: ArrayLike) -> Moments:
    """Take the active rows into the moments."""
    rows = cast_rows(rows, jax.tree.leaves(moments.first)[0].dtype)
    first = jax.tree.map(lambda old, g: b1 * old + (1 - b1) * g, moments.first, rows)
    kept, taken = jnp.sqrt(b2), jnp.sqrt(1 - b2)

    def mixed(old: Array, g: Array) -> Array:
        return jnp.hypot(kept.astype(g.dtype) * old, taken.astype(g.dtype) * g)

    roots = jax.tree.map(mixed, moments.roots, rows)
    new = Moments(moments.steps + 1, first, roots)
    return freeze_inactive(new, moments, active)


def corrected(moments: Moments, b1: ArrayLike, b2: ArrayLike) -> tuple[PyTree, PyTree]:
    """Return the first moments and the roots of the second ones without their bias."""
    first = jax.tree.map(lambda x: x / unbias(moments.steps, b1, x), moments.first)
    roots = jax.tree.map(lambda x: x / jnp.sqrt(unbias(moments.steps, b2, x)), moments.roots)
    return first, roots


def unbias(steps: Array, decay: ArrayLike, leaf: Array) -> Array:
    """Return 1 - decay**steps along the rows of a leaf; 1 where there was no step."""
    return column(jnp.where(steps > 0, mass(steps, decay, leaf.dtype), 1), leaf)


def mass(steps: Array, decay: ArrayLike, dtype: Any) -> Array:
    """Return 1 - decay**steps by way of 1 - decay, which float32 holds better than 0.999."""
    rate = jnp.asarray(1 - decay, dtype)
    return -jnp.expm1(steps.astype(dtype) * jnp.log1p(-rate))


def quotient(above: Array, below: Array) -> Array:
    """Divide; 0 over 0 is 0."""
    return above / jnp.where(below == 0, 1, below)
