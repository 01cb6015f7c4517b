"""Equal shares for what attains an extremum together."""

import jax.numpy as jnp

from moo._types import Array


def shared(chosen: Array, axis: int) -> Array:
    """Share 1 equally among the chosen entries of an axis; NaN where there is none.

    There is none where a NaN hides the extremum. 0 / 0 would not announce it: XLA turns the
    quotient of a mask into a selection, which answers 0.
    """
    number = jnp.sum(chosen, axis=axis, keepdims=True)
    return jnp.where(number > 0, chosen / jnp.maximum(number, 1), jnp.nan)
