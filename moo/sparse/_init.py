"""Initial values of a table, drawn a block of rows at a time."""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.nn.initializers import Initializer, variance_scaling
from jax.typing import DTypeLike

from moo._train import check_key
from moo._types import Array
from moo.aggregators._checks import check_count

BLOCK = 2**22  # numbers: 16 MB of float32, little beside a table that has many blocks
# What flax gives embeddings: normal with variance 1 / width, for any number of rows.
EMBEDDING = variance_scaling(1.0, "fan_in", "normal", out_axis=0)


def init_table(
    key: Array,
    shape: tuple[int, ...],
    dtype: DTypeLike = jnp.float32,
    *,
    initializer: Initializer = EMBEDDING,
) -> Array:
    r"""Draw the initial values of a table of any size in little more memory than its own.

    $E_b \sim \mathrm{initializer}(\mathrm{fold}(\mathrm{key}, b))$ for blocks b of $2^{22}$ numbers

    The blocks are written one after another into one buffer, in one compiled loop, so that what is
    held beside the table is a few blocks. A table of one block is drawn as the initializer draws
    it. The values depend on the key and the shape alone.

    Args:
        key: typed random key.
        shape: (V, ...): rows first.
        dtype: of the table.
        initializer: `initializer(key, shape, dtype) -> values`, as in `jax.nn.initializers`. It
            draws each block by itself, so its scale may depend on a row's shape but not on V, as
            that of `glorot_uniform` does. Default: normal with variance 1 / width, flax's for
            embeddings.

    Returns:
        The table, `shape`.

    Raises:
        TypeError: if the key is not typed, or `shape` is no tuple of ints.
        ValueError: if `shape` has no axis or one below 0, or what the initializer refuses.

    Example:
        >>> import jax, moo
        >>> table = moo.sparse.init_table(jax.random.key(0), (1_000_000, 16))
        >>> table.shape, round(float(table.std()), 3)
        ((1000000, 16), 0.25)
        >>> from jax.nn.initializers import uniform
        >>> table = moo.sparse.init_table(jax.random.key(0), (9, 2), initializer=uniform(0.1))
        >>> bool((table < 0.1).all())
        True
    """
    check_key(key)
    _check_shape(shape)
    height = max(1, BLOCK // max(1, math.prod(shape[1:])))
    if shape[0] <= height:
        return jnp.asarray(initializer(key, shape, dtype))
    return _in_blocks(key, tuple(shape), dtype, initializer, height)


def _check_shape(shape: tuple[int, ...]) -> None:
    if not isinstance(shape, tuple | list):
        raise TypeError(
            f"shape must be a tuple of ints, got {type(shape).__name__} {shape!r}: give "
            "(rows, width)"
        )
    if not shape:
        raise ValueError("shape must have rows as its first axis, got (): give (rows, width)")
    for axis, size in enumerate(shape):
        check_count(f"shape[{axis}]", size)


@functools.partial(jax.jit, static_argnums=(1, 2, 3, 4))
def _in_blocks(
    key: Array, shape: tuple[int, ...], dtype: DTypeLike, initializer: Initializer, height: int
) -> Array:
    whole, left = divmod(shape[0], height)

    def write(table: Array, block: Array | int, rows: int) -> Array:
        drawn = initializer(jax.random.fold_in(key, block), (rows, *shape[1:]), dtype)
        return lax.dynamic_update_slice_in_dim(table, drawn, block * height, axis=0)

    table = jnp.zeros(shape, dtype)
    table = lax.fori_loop(0, whole, lambda block, table: write(table, block, height), table)
    return write(table, whole, left) if left else table
