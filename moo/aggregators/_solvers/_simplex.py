"""The Euclidean projection onto the probability simplex."""

import jax
import jax.numpy as jnp

from moo._types import Array


@jax.jit
def project_simplex(point: Array, active: Array) -> Array:
    r"""Return the nearest weights to a point, $\max(x_i - \theta, 0)$ with $\theta$ by sorting.

    Args:
        point: x, shape (m,).
        active: shape (m,), bool.

    Returns:
        Weights in the simplex over the active entries, shape (m,); 0 elsewhere, and NaN where an
        active entry is not finite.
    """
    # Around the largest entry nothing overflows, and entries far below it cannot take part.
    top = jnp.max(jnp.where(active, point, -jnp.inf))
    shifted = jnp.where(active, jnp.maximum(point - top, -1), -1)
    descending = -jnp.sort(-shifted)
    counts = jnp.arange(1, len(point) + 1, dtype=shifted.dtype)
    thresholds = (jnp.cumsum(descending) - 1) / counts
    theta = jnp.max(thresholds)
    weights = jnp.where(active, jnp.maximum(shifted - theta, 0), 0)
    return weights / jnp.where(active.any(), jnp.sum(weights), 1)


def over_active(point: Array, active: Array) -> Array:
    """Return the active entries over their sum, even ones where that is 0; the point is >= 0."""
    kept = jnp.where(active, point, 0)
    mass = jnp.sum(kept)
    even = active / jnp.maximum(jnp.sum(active), 1).astype(kept.dtype)
    return jnp.where(mass == 0, even, kept / jnp.where(mass == 0, 1, mass))
