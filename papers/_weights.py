"""The weights that a method gives: to random Jacobians, and to losses that come one by one."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def weights(method: str, matrices: Array, **options: Any) -> Array:
    """Return a method's first weights on each Jacobian (draws, m, d): (draws, m)."""
    tx = moo.aggregator(method, num_objectives=matrices.shape[1], **options)

    def one(matrix: jax.Array) -> Any:
        point = jnp.zeros_like(matrix[0])
        _, state = tx.update(moo.stacked_jacobian(matrix), tx.init(point), point)
        return moo.find(state, "weights")

    return np.asarray(jax.jit(jax.vmap(one))(jnp.asarray(matrices)))


def weights_over(method: str, losses: Array, **options: Any) -> Array:
    """Return the weights (steps, m) that a method of losses gives to those (steps, m) in turn."""
    m = losses.shape[1]
    tx = moo.aggregator(method, num_objectives=m, **options)

    def step(state: Any, now: jax.Array) -> tuple[Any, Any]:
        # On the identity's rows the direction is the weights.
        found, state = tx.update(moo.stacked_jacobian(jnp.eye(m), now), state)
        return state, found

    start = tx.init(jnp.zeros(m))
    return np.asarray(jax.jit(lambda given: jax.lax.scan(step, start, given)[1])(losses))
