"""Arithmetic on the losses of the active objectives that no finite loss can turn into NaN."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._checks import Preference


def positive(losses: Array, active: Array) -> Array:
    """Return the losses, 1 where inactive; NaN at one that has no logarithm, to announce it."""
    return jnp.where(active, jnp.where(losses > 0, losses, jnp.nan), 1)


def softmax(values: Array, temperature: ArrayLike, active: Array) -> Array:
    """Return the softmax of values over temperature among the active entries, 0 elsewhere.

    The largest value is taken off before the division, which may overflow to minus infinity only.
    """
    top = jnp.max(jnp.where(active, values, -jnp.inf))
    scores = jnp.asarray((values - top) / temperature, values.dtype)
    shares: Array = jax.nn.softmax(jnp.where(active, scores, -jnp.inf))
    return jnp.where(active, shares, 0)


def number(active: Array, dtype: Any) -> Array:
    """Return the number of active objectives, at least 1."""
    return jnp.maximum(jnp.sum(active), 1).astype(dtype)


def coefficients(preference: Preference | None, like: Array, active: Array) -> Array:
    """Return the preference, shape (m,), 0 where inactive.

    Without one, or where it is 0 for all that are active: 1 for each of those.
    """
    even = active.astype(like.dtype)
    if preference is None:
        return even
    own = jnp.where(active, jnp.asarray(preference, like.dtype), 0)
    return jnp.where((own != 0).any(), own, even)
