"""Adam on one number an objective, with a state of its own for each."""

import jax
import jax.numpy as jnp
import optax

from moo._types import Array, PyTree


def init_each(adam: optax.GradientTransformation, values: Array) -> PyTree:
    """Return Adam's state for each of the values, shape (m,), counters included."""
    return jax.vmap(adam.init)(values)


def step_each(
    adam: optax.GradientTransformation, gradient: Array, state: PyTree, values: Array, active: Array
) -> tuple[Array, PyTree]:
    """Step the active values; the others keep value, moments and count.

    Args:
        adam: the optimizer of one value.
        gradient: shape (m,); anything where inactive. Finite entries are clipped to half the root
            of the largest number, so that Adam's second moment holds their squares.
        state: from `init_each`.
        values: shape (m,).
        active: shape (m,), bool.

    Returns:
        The values and the state after the step.
    """
    most = 0.5 * float(jnp.finfo(gradient.dtype).max) ** 0.5
    held = jnp.where(jnp.isfinite(gradient), jnp.clip(gradient, -most, most), gradient)
    updates, after = jax.vmap(adam.update)(jnp.where(active, held, 0), state, values)

    def kept(new: Array, old: Array) -> Array:
        # A hyper-parameter in double precision must not widen what is kept in single.
        return jnp.where(active, new, old).astype(old.dtype)

    return kept(values + updates, values), jax.tree.map(kept, after, state)
