"""The Gramian as cosines, norms and binary exponents: right at every scale of gradient."""

import functools
import operator
from collections.abc import Iterable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from moo._types import Array, PyTree

# Rows of as many entries are not copied in vain; of shorter ones a branch costs more than it saves.
_LONG = 2**14
# The largest entries whose products float32 holds without their scale, as powers of two.
_MODERATE = 30


class Gram(NamedTuple):
    r"""The Gramian $G = J J^\top$, stored so that no scale of gradient overflows it.

    $G_{ij} = C_{ij}\, d_i\, d_j$ with $d_i = \mathrm{norms}_i \cdot 2^{\mathrm{exponents}_i}$.
    A float32 product of gradients at 1e-20 or 1e18 is already 0 or infinite, so every row is
    divided by a power of two near its largest entry *before* any product is taken.

    Attributes:
        cosines: shape (m, m); exactly 1 on the diagonal of a non-zero row, 0 all along a zero
            or inactive row.
        norms: shape (m,); norms of the scaled rows, in [0.5, sqrt(d)), or 0.
        exponents: shape (m,), int32; the powers of two taken out of the rows.
        other_norms: shape (k,), the column side of a cross Gramian $J_1 J_2^\top$; else None.
        other_exponents: shape (k,), the same for its exponents; else None.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> gram = moo.stacked_jacobian(jnp.array([[3e-30, 4e-30], [1.0, 0.0]])).gram()
        >>> gram.cosines.round(3).tolist()
        [[1.0, 0.6000000238418579], [0.6000000238418579, 1.0]]
    """

    cosines: Array
    norms: Array
    exponents: Array
    other_norms: Array | None = None
    other_exponents: Array | None = None

    @property
    def matrix(self) -> Array:
        """The plain Gramian, shape (m, m); may overflow where the gradients are extreme."""
        columns = self.norms if self.other_norms is None else self.other_norms
        powers = self.exponents if self.other_exponents is None else self.other_exponents
        scaled = self.cosines * self.norms[:, None] * columns[None, :]
        return times_power_of_two(scaled, self.exponents[:, None] + powers[None, :])

    @property
    def lengths(self) -> Array:
        """The true norms $d_i$ of the rows, shape (m,)."""
        return times_power_of_two(self.norms, self.exponents)

    @classmethod
    def of(cls, matrix: Array) -> "Gram":
        """Read a plain symmetric Gramian, shape (m, m), as cosines, norms and exponents."""
        matrix = jnp.asarray(matrix)
        norms, exponents = jnp.frexp(jnp.sqrt(jnp.diagonal(matrix)))
        left = times_power_of_two(matrix, -exponents[:, None])
        scaled = times_power_of_two(left, -exponents[None, :])
        return cls.from_products(scaled, norms, exponents)

    @classmethod
    def from_products(cls, products: Array, norms: Array, exponents: Array) -> "Gram":
        """Read the inner products of scaled rows, shape (m, m), with their norms and exponents."""
        return cls(_cosines(products, norms, norms, diagonal=True), norms, exponents)


def gram_of_rows(rows: PyTree, others: PyTree | None = None) -> Gram:
    """Take the Gramian of stacked gradients, leaf by leaf, never as one concatenated matrix.

    Args:
        rows: pytree whose leaves have a leading axis m.
        others: a second such pytree, for the cross Gramian; None for the rows' own.

    Returns:
        The Gramian in at least float32, whose products use the highest precision.
    """
    leaves = _widened(jax.tree.leaves(rows))
    if others is None and _is_long(leaves) and _one_device():
        return _gram_of_long_rows(leaves)
    leaves, exponents = _scaled(leaves)
    if others is None:
        products = _total(_product(leaf, leaf) for leaf in leaves)
        norms = jnp.sqrt(jnp.diagonal(products))
        return Gram.from_products(products, norms, exponents)
    columns, powers = _scaled(_widened(jax.tree.leaves(others)))
    products = _total(_product(a, b) for a, b in zip(leaves, columns, strict=True))
    norms, widths = _row_norms(leaves), _row_norms(columns)
    return Gram(_cosines(products, norms, widths, diagonal=False), norms, exponents, widths, powers)


def times_power_of_two(x: Array, exponents: Array) -> Array:
    """Multiply exactly by 2**exponents, also where that power itself would overflow."""
    half = exponents // 2
    return x * _power_of_two(half, x.dtype) * _power_of_two(exponents - half, x.dtype)


def scale_exponents(leaves: list[Array]) -> Array:
    """Return the exponent of the largest entry of each row over all leaves, int32, 0 if none."""
    peaks = [jnp.max(jnp.abs(leaf), axis=tuple(range(1, leaf.ndim)), initial=0) for leaf in leaves]
    largest = jnp.max(jnp.stack(peaks), axis=0)
    exponents = jnp.frexp(largest)[1].astype(jnp.int32)
    return jnp.where(jnp.isfinite(largest) & (largest > 0), exponents, 0)


def _power_of_two(exponents: Array, dtype: jnp.dtype) -> Array:
    """Build 2**exponents from bits, because exp2 is not exact on every backend.

    It stops at the largest finite power: an infinite one would turn a zero into NaN.
    """
    info = jnp.finfo(dtype)
    integer = jnp.int64 if info.bits == 64 else jnp.int32
    bias = 1 - info.minexp
    biased = jnp.clip(exponents.astype(integer) + bias, 0, 2 * bias)
    return lax.bitcast_convert_type(biased << info.nmant, dtype)


def _gram_of_long_rows(leaves: list[Array]) -> Gram:
    """Take the Gramian of matrices of rows, which are copied only where their scale asks for it.

    Powers of two are exact, so that they may be taken out of the products as well, as long as no
    product overflows and what underflows is lost beside the largest entry's square anyway.
    """
    flat = [leaf.reshape(len(leaf), -1) for leaf in leaves]
    exponents = scale_exponents(flat)

    def plain(flat: list[Array]) -> Array:
        products = _total(_product(leaf, leaf) for leaf in flat)
        left = times_power_of_two(products, -exponents[:, None])
        return times_power_of_two(left, -exponents[None, :])

    def scaled(flat: list[Array]) -> Array:
        # Fused into the products, the scaling would make slow loops of them.
        near = lax.optimization_barrier([times_power_of_two(x, -exponents[:, None]) for x in flat])
        return _total(_product(leaf, leaf) for leaf in near)

    moderate = jnp.all(jnp.abs(exponents) <= _MODERATE)
    products = lax.cond(moderate, plain, scaled, flat)
    return Gram.from_products(products, jnp.sqrt(jnp.diagonal(products)), exponents)


def _is_long(leaves: list[Array]) -> bool:
    return sum(leaf[0].size for leaf in leaves) >= _LONG


def _one_device() -> bool:
    """Return whether nothing can be sharded: to flatten a leaf would gather its shards."""
    return jax.device_count() == 1


def _widened(leaves: list[Array]) -> list[Array]:
    return [leaf.astype(jnp.promote_types(leaf.dtype, jnp.float32)) for leaf in leaves]


def _scaled(leaves: list[Array]) -> tuple[list[Array], Array]:
    exponents = scale_exponents(leaves)
    shift = [exponents.reshape((-1,) + (1,) * (leaf.ndim - 1)) for leaf in leaves]
    return [times_power_of_two(x, -k) for x, k in zip(leaves, shift, strict=True)], exponents


def _product(rows: Array, others: Array) -> Array:
    axes = tuple(range(1, rows.ndim))
    return lax.dot_general(rows, others, ((axes, axes), ((), ())), precision=lax.Precision.HIGHEST)


def _row_norms(leaves: list[Array]) -> Array:
    return jnp.sqrt(_total(jnp.sum(leaf**2, axis=tuple(range(1, leaf.ndim))) for leaf in leaves))


def _total(terms: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, terms)


def _cosines(products: Array, rows: Array, columns: Array, *, diagonal: bool) -> Array:
    lengths = rows[:, None] * columns[None, :]
    # A non-finite length must give NaN: only a true zero row has cosine 0.
    safe = jnp.where(lengths == 0, 1, lengths)
    cosines = jnp.where(lengths == 0, 0, jnp.clip(products / safe, -1, 1))
    if not diagonal:
        return cosines
    own = jnp.where(jnp.isfinite(rows), (rows > 0).astype(cosines.dtype), jnp.nan)
    symmetric = (cosines + cosines.T) / 2
    return jnp.where(jnp.eye(len(rows), dtype=bool), jnp.diag(own), symmetric)
