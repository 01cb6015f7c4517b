"""Means over the rows that have a label."""

import jax.numpy as jnp

from moo._types import Array


def masked_mean(values: Array, where: Array, *, weights: Array | None = None) -> Array:
    r"""Average the values that have a label, 0 where none has.

    $\sum_n w_n \mathbb{1}_n x_n / \sum_n w_n \mathbb{1}_n$. An objective without labels in a
    batch must be finite for the other gradients to be: $0/0$ would make all of them NaN.

    Args:
        values: shape (n, ...), a loss a row; entries that are masked out may be anything, but
            what computes them must have finite derivatives (put 0 for a NaN label beforehand):
            no mask can stop $0 \cdot \mathrm{NaN}$ in the chain rule above it.
        where: shape of `values` or broadcastable to it, bool or 0/1.
        weights: non-negative weights of the rows, broadcastable likewise; None: 1.

    Returns:
        A scalar of the values' dtype.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> values = jnp.array([1.0, jnp.nan, 3.0])
        >>> float(moo.masked_mean(values, jnp.array([True, False, True])))
        2.0
        >>> float(moo.masked_mean(values, jnp.zeros(3, bool)))
        0.0
    """
    keep = jnp.broadcast_to(jnp.asarray(where).astype(bool), values.shape)
    share = keep.astype(values.dtype)
    if weights is not None:
        share = share * jnp.broadcast_to(weights, values.shape).astype(values.dtype)
    total = share.sum()
    # The inner where keeps a NaN behind the mask out of the gradient as well.
    summed = (jnp.where(keep, values, 0) * share).sum()
    return jnp.where(total > 0, summed / jnp.where(total > 0, total, 1), 0)
