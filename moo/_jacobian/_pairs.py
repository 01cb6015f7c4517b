"""Inner products of gradients that are given as sums of outer products."""

import functools
import operator
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from moo._jacobian._gram import Gram
from moo._jacobian._layers import Factors
from moo._types import Array

# The exponent of a zero: below that of any number, so that it never decides a row's scale.
_NONE = -(2**20)


def factors_of_rows(rows: Array) -> Factors:
    """Read one parameter's gradients, shape (n, ...), as one outer product each."""
    n = len(rows)
    return Factors(jnp.ones((n, 1, 1, 1), rows.dtype), rows.reshape(n, 1, 1, -1))


def side_by_side(factors: Sequence[Factors]) -> Factors:
    """Add gradients of one parameter: their tokens together."""
    left, right = zip(*factors, strict=True)
    return Factors(jnp.concatenate(left, axis=2), jnp.concatenate(right, axis=2))


def gram_of_factors(parameters: Sequence[Factors]) -> Gram:
    r"""Take the Gramian $\sum_{t u} (a_{it} \cdot a_{ju}) (d_{it} \cdot d_{ju})$, added over all.

    As in `gram_of_rows`, each row is divided by a power of two before any product is taken.

    Args:
        parameters: the factors of each parameter's gradients.
    """
    units = [[_unit(side) for side in factors] for factors in parameters]
    powers = [jnp.maximum(left[1] + right[1], _NONE) for left, right in units]
    top = jnp.max(jnp.stack([jnp.max(power, axis=(1, 2)) for power in powers]), axis=0)
    scaled = (
        Factors(left, right * _share(power - top[:, None, None], right.dtype)[..., None])
        for ((left, _), (right, _)), power in zip(units, powers, strict=True)
    )
    total = functools.reduce(operator.add, map(_products, scaled))
    gram = Gram.from_products(total, jnp.sqrt(jnp.clip(jnp.diagonal(total), 0)), top)
    norms, shift = jnp.frexp(gram.norms)
    exponents = jnp.where(norms == 0, 0, top + shift.astype(jnp.int32))
    return gram._replace(norms=norms, exponents=exponents)


def _is_ids(side: Array) -> bool:
    return bool(jnp.issubdtype(side.dtype, jnp.integer))


def _unit(side: Array) -> tuple[Array, Array]:
    """Divide each token by a power of two, and return its exponent; ids stay.

    The power is read from the bits of every entry before the maximum is taken: a compiler repeats
    what comes after a maximum for each entry that is divided.
    """
    if _is_ids(side):
        return side, jnp.zeros(side.shape[:-1], jnp.int32)
    side = side.astype(jnp.promote_types(side.dtype, jnp.float32))
    info = jnp.finfo(side.dtype)
    bits = lax.bitcast_convert_type(side, jnp.int64 if info.bits == 64 else jnp.int32)
    biased = jnp.max((bits >> info.nmant) & (2**info.nexp - 1), axis=-1, initial=0)
    exponents = jnp.where(biased == 0, _NONE, biased.astype(jnp.int32) - (1 - info.minexp))
    power = lax.bitcast_convert_type(
        jnp.clip(biased, 1, 2**info.nexp - 2) << info.nmant, side.dtype
    )
    return side / power[..., None], exponents


def _share(exponents: Array, dtype: jnp.dtype) -> Array:
    """Return 2**exponents for exponents up to 0, with 0 for what underflows."""
    info = jnp.finfo(dtype)
    integer = jnp.int64 if info.bits == 64 else jnp.int32
    biased = jnp.clip(exponents.astype(integer) + (1 - info.minexp), 0)
    return lax.bitcast_convert_type(biased << info.nmant, dtype)


def _products(factors: Factors) -> Array:
    """Take one parameter's inner products, shape (n, n); one token's are held at a time."""
    blocks = Factors(*(jnp.moveaxis(side, 1, 0) for side in factors))
    return jax.vmap(_block)(blocks).sum(axis=0)


def _block(factors: Factors) -> Array:
    """Take the products of one block, shapes (n, tokens, inputs) and (n, tokens, outputs)."""
    left, right = factors
    n, tokens = right.shape[:2]

    def add(total: Array, token: Factors) -> tuple[Array, None]:
        pairs = _agreement(token.left, left) * _inner(token.right, right)
        return total + pairs.sum(axis=-1), None

    nothing = jnp.zeros((n, n), right.dtype)
    if tokens == 1:
        return add(nothing, Factors(left[:, 0], right[:, 0]))[0]
    each = Factors(jnp.moveaxis(left, 1, 0), jnp.moveaxis(right, 1, 0))
    return lax.scan(add, nothing, each)[0]


def _agreement(token: Array, left: Array) -> Array:
    """Return inner products (n, n, tokens); of one-hot vectors, whether the ids agree."""
    if _is_ids(left):
        return token[:, None] == left[None, :, :, 0]
    return _inner(token, left)


def _inner(token: Array, side: Array) -> Array:
    return jnp.einsum("ic,jtc->ijt", token, side, precision=lax.Precision.HIGHEST)
