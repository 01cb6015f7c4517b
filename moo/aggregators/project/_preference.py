"""The preference weights that the projecting methods share."""

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array


def check_preference(preference: ArrayLike | None, num_objectives: int) -> None:
    """Refuse a preference that is not of shape (m,)."""
    shape = jnp.shape(preference) if preference is not None else (num_objectives,)
    if shape != (num_objectives,):
        raise ValueError(f"preference must have shape ({num_objectives},), got {shape}")


def preference_weights(preference: ArrayLike | None, like: Array, active: Array) -> Array:
    """Return the preference, shape (m,), or 1 over the number of active objectives."""
    if preference is None:
        return active / jnp.maximum(jnp.sum(active), 1).astype(like.dtype)
    return jnp.where(active, jnp.asarray(preference, like.dtype), 0)
