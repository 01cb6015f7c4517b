"""Stacked rows as pytrees: lengths safe at every scale, unit rows, sums, and state like rows."""

import functools
import operator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian
from moo._jacobian._gram import scale_exponents, times_power_of_two
from moo._types import Array, Params, PyTree


class Lengths(NamedTuple):
    """Row norms $n_i 2^{k_i}$, which no scale of gradients overflows.

    Attributes:
        norms: $n$, shape (m,); in [0.5, sqrt(d)), or 0 for a zero row.
        exponents: $k$, shape (m,), int32.
    """

    norms: Array
    exponents: Array

    @property
    def plain(self) -> Array:
        """The norms themselves, shape (m,)."""
        return times_power_of_two(self.norms, self.exponents)

    @property
    def ratios(self) -> Array:
        """Each norm over each other, shape (m, m); 0 in the columns of zero rows."""
        safe = jnp.where(self.norms == 0, 1, self.norms)
        powers = self.exponents[:, None] - self.exponents[None, :]
        quotients = times_power_of_two(self.norms[:, None] / safe[None, :], powers)
        return jnp.where(self.norms[None, :] == 0, 0, quotients)

    def relative(self) -> tuple[Array, Array]:
        """Return the norms over a power of two near the longest, shape (m,), and its exponent."""
        lowest = jnp.iinfo(jnp.int32).min // 4
        longest = jnp.max(jnp.where(self.norms == 0, lowest, self.exponents))
        longest = jnp.where(longest == lowest, 0, longest)
        return times_power_of_two(self.norms, self.exponents - longest), longest


def rows_over_shared(jac: Jacobian) -> PyTree:
    """Return the rows of a Jacobian in at least float32, zero in leaves that are not shared."""
    rows = jac.rows()
    shared = getattr(jac, "shared", None) or jax.tree.map(lambda _: True, rows)

    def one(row: Array, keep: bool) -> Array:
        wide = row.astype(jnp.promote_types(jnp.float32, row.dtype))
        return wide if keep else jnp.zeros_like(wide)

    return jax.tree.map(one, rows, shared)


def row_lengths(rows: PyTree) -> Lengths:
    """Take the norm of each row over all leaves.

    Args:
        rows: pytree whose leaves have a leading axis m, in at least float32.
    """
    small, exponents = scaled_rows(rows)
    return Lengths(jnp.sqrt(row_products(small, small)), exponents)


def scaled_rows(rows: PyTree) -> tuple[PyTree, Array]:
    """Divide each row by a power of two near its largest entry; return also the exponents (m,)."""
    exponents = scale_exponents(jax.tree.leaves(rows))
    return shift_rows(rows, -exponents), exponents


def unit_rows(rows: PyTree, lengths: Lengths | None = None) -> PyTree:
    """Divide each row by its norm; a zero row stays zero.

    Args:
        rows: pytree whose leaves have a leading axis m.
        lengths: the rows' own, where they are known.
    """
    norms, exponents = row_lengths(rows) if lengths is None else lengths
    inverse = jnp.where(norms == 0, 0, 1 / jnp.where(norms == 0, 1, norms))
    return scale_rows(shift_rows(rows, -exponents), inverse)


def shift_rows(rows: PyTree, exponents: Array) -> PyTree:
    """Multiply each row, or all of them, by 2**exponents, shape (m,) or (), exactly."""
    return jax.tree.map(lambda leaf: times_power_of_two(leaf, column(exponents, leaf)), rows)


def scale_rows(rows: PyTree, factors: Array) -> PyTree:
    """Multiply each row by its factor, shape (m,)."""
    return jax.tree.map(lambda leaf: leaf * column(factors, leaf).astype(leaf.dtype), rows)


def sum_rows(rows: PyTree) -> PyTree:
    """Add up the rows, leaf by leaf."""
    return jax.tree.map(lambda leaf: jnp.sum(leaf, axis=0), rows)


def row_products(rows: PyTree, others: PyTree) -> Array:
    """Return the inner product of each row with its other one, or with one vector, shape (m,)."""

    def one(leaf: Array, other: Array) -> Array:
        return jnp.sum(leaf * other, axis=tuple(range(1, leaf.ndim)))

    return functools.reduce(operator.add, jax.tree.leaves(jax.tree.map(one, rows, others)))


def common_exponent(rows: PyTree) -> Array:
    """Return the exponent of the largest entry of all rows, int32, shape ()."""
    return scale_exponents([leaf[None] for leaf in jax.tree.leaves(rows)])[0]


def column(values: Array, leaf: Array) -> Array:
    """Reshape values (m,) to broadcast along the rows of a leaf (m, ...); a scalar stays."""
    return values if values.ndim == 0 else values.reshape((-1,) + (1,) * (leaf.ndim - 1))


def cast_rows(rows: PyTree, dtype: Any) -> PyTree:
    """Cast every leaf, so that state of one dtype and rows of another never mix."""
    return jax.tree.map(lambda leaf: leaf.astype(dtype), rows)


def stacked_zeros(params: Params, num_objectives: int, dtype: Any) -> PyTree:
    """Return m rows of zeros like the parameters, for the state of a method."""
    return jax.tree.map(lambda leaf: jnp.zeros((num_objectives, *jnp.shape(leaf)), dtype), params)


def freeze_inactive(new: PyTree, old: PyTree, active: Array) -> PyTree:
    """Keep the old entries of inactive rows; every leaf has a leading axis m."""
    return jax.tree.map(lambda a, b: jnp.where(column(active, a), a, b).astype(b.dtype), new, old)
