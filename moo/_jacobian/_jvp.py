"""The Gramian without rows: one gradient in memory at a time."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from moo._jacobian._engines import one_by_one, operations
from moo._jacobian._gram import Gram, scale_exponents, times_power_of_two
from moo._types import Array, Params


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


def pushes(losses_at: Callable[[Params], Array], params: Params) -> bool:
    """Say whether tangents can be pushed through the losses: not through a custom_vjp."""
    try:
        program = jax.make_jaxpr(losses_at)(params)
    except TypeError:  # it looks at values, and is pushed through as it is
        return True
    names = {eqn.primitive.name for eqn in operations(program.jaxpr)}
    return not any(name.startswith("custom_vjp") for name in names)


def check_pushes(losses_at: Callable[[Params], Array], params: Params) -> None:
    """Refuse losses that tangents cannot be pushed through."""
    if not pushes(losses_at, params):
        raise TypeError(
            "gram='jvp' pushes tangents forward through the objectives, but they call a function "
            "with a custom_vjp, which JAX only pulls back through: use gram='two_pass' or 'rows'"
        )
