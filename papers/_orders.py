"""PCGrad under many random orders."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def pcgrad_orders(matrices: Array) -> tuple[Array, Array]:
    """Return directions and weights on Jacobians (draws, m, d), with a random key each."""
    rows = jnp.asarray(matrices)

    def one(matrix: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        tx = moo.aggregator("pcgrad", num_objectives=len(matrix), key=key)
        direction, state = tx.update(moo.stacked_jacobian(matrix), tx.init(matrix[0]), matrix[0])
        return direction, state.weights

    found = jax.jit(jax.vmap(one))(rows, jax.random.split(jax.random.key(0), len(rows)))
    return np.asarray(found[0]), np.asarray(found[1])
