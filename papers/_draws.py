"""Random Jacobians, and what a method makes of them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def jacobians(draws: int, objectives: int, dim: int, seed: int = 0) -> Array:
    """Draw Jacobians (draws, m, d): rows N(0, I), each times its own exp N(0, 1)."""
    rng = np.random.default_rng([seed, objectives, dim])
    rows = rng.normal(size=(draws, objectives, dim))
    return rows * np.exp(rng.normal(size=(draws, objectives, 1)))


def directions(method: str, matrices: Array, **options: Any) -> Array:
    """Return a method's first direction v on each Jacobian (draws, m, d): (draws, d)."""
    tx = moo.aggregator(method, num_objectives=matrices.shape[1], **options)

    def one(matrix: jax.Array) -> jax.Array:
        point = jnp.zeros_like(matrix[0])
        direction, _ = tx.update(moo.stacked_jacobian(matrix), tx.init(point), point)
        return direction

    return np.asarray(jax.jit(jax.vmap(one))(jnp.asarray(matrices)))


def cosines(first: Array, second: Array) -> Array:
    """Return cosines of vectors along the last axis."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return np.sum(first * second, axis=-1) / lengths
