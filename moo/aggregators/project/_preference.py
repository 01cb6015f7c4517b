"""The preference weights that the projecting methods share."""

from collections.abc import Sequence
from typing import TypeAlias

import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array

Preference: TypeAlias = ArrayLike | Sequence[float]


def check_preference(preference: Preference | None, num_objectives: int) -> None:
    """Refuse a preference that is not of shape (m,)."""
    shape = np.shape(preference) if preference is not None else (num_objectives,)
    if shape != (num_objectives,):
        raise ValueError(f"preference must have shape ({num_objectives},), got {shape}")


def preference_weights(preference: Preference | None, like: Array, active: Array) -> Array:
    """Return the preference, shape (m,), or 1 over the number of active objectives."""
    if preference is None:
        return active / jnp.maximum(jnp.sum(active), 1).astype(like.dtype)
    return jnp.where(active, jnp.asarray(preference, like.dtype), 0)
