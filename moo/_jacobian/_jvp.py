"""The Gramian without rows: one gradient in memory at a time."""

from collections.abc import Callable

import jax.numpy as jnp

from moo._jacobian._engines import one_by_one
from moo._jacobian._gram import Gram, scale_exponents, times_power_of_two
from moo._types import Array


def gram_by_jvp(
    push: Callable[[list[Array]], Array],
    pull: Callable[[Array], list[Array]],
    num_objectives: int,
    losses: Array,
) -> Gram:
    r"""Compute $J (J^\top e_i)$ column by column.

    Args:
        push: maps tangents of the shared leaves to $J t$, shape (m,).
        pull: maps a cotangent (m,) to the shared leaves of $J^\top w$.
        num_objectives: the number m of objectives.
        losses: the losses, for their dtype.

    Returns:
        The Gramian. The gradient is divided by its power of two before it is pushed, and the
        column by those of the rows afterwards, so no product is taken at an extreme scale.
    """

    def column(weights: Array) -> tuple[Array, Array]:
        gradient = [leaf[None] for leaf in pull(weights)]
        exponent = scale_exponents(gradient)
        scaled = [times_power_of_two(leaf, -exponent[0])[0] for leaf in gradient]
        return push(scaled), exponent[0]

    columns, exponents = one_by_one(column, jnp.eye(num_objectives, dtype=losses.dtype))
    products = times_power_of_two(columns, -exponents[None, :])
    norms = jnp.sqrt(jnp.clip(jnp.diagonal(products), 0))
    return Gram.from_products(products, norms, exponents)
