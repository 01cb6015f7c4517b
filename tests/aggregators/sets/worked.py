"""Three solutions with losses and Jacobians of our choice, for every method of sets."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree

import moo

F = np.array([[1, 2], [1.5, 1.2], [2.2, 0.8]])
J = np.array([
    [[1, 0.2, -0.5], [-0.8, 0.9, 0.1]],
    [[0.8, 0.1, -0.4], [-0.9, 1, 0.3]],
    [[0.6, 0.4, -0.2], [-0.3, 0.8, 0.2]],
])  # fmt: skip
RAYS = np.array([[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]])
QUARTER = np.array([[1, 0], [0.5**0.5, 0.5**0.5], [0, 1]])


def population(losses, jacobians):
    """Return the Jacobian of K solutions whose k-th has the k-th losses and rows.

    The last entry of a solution is its number, on which no loss depends.
    """

    def objectives(x):
        k = x[-1].astype(int)
        return losses[k] + jacobians[k] @ x[:-1]

    return moo.population_jacobian(objectives, start(len(losses), jacobians.shape[2]))


def start(number, dim, dtype=jnp.float32):
    """Return the population of `population`: zeros and the solutions' numbers."""
    numbers = jnp.arange(number, dtype=dtype)[:, None]
    return jnp.concatenate([jnp.zeros((number, dim), dtype), numbers], axis=1)


def conditioned(losses, jacobians, rays, params=None):
    """Return the Jacobian of one model whose k-th ray has the k-th losses and rows."""
    params = jnp.zeros(jacobians.shape[2]) if params is None else params

    def objectives(params, ray):
        k = jnp.argmin(jnp.abs(rays - ray).sum(axis=1))
        x = ravel_pytree(params)[0]
        return losses[k] + jacobians[k] @ (x - lax.stop_gradient(x))

    return moo.ray_jacobian(objectives, params, rays)


def on_population(tx):
    """Return the method's first step as a function of losses and Jacobians; rays play no part."""

    def update(losses, jacobians, rays):
        state = tx.init(start(*jacobians.shape[::2]))
        updates, state = tx.update(population(losses, jacobians), state)
        return updates[:, :-1], state

    return jax.jit(jax.vmap(update))


def on_rays(tx):
    """Return the method's first step as a function of losses, Jacobians and rays."""

    def update(losses, jacobians, rays):
        jac = conditioned(losses, jacobians, rays)
        return tx.update(jac, tx.init(jnp.zeros(jacobians.shape[2])))

    return jax.jit(jax.vmap(update))


def steps(update, losses, jacobians, rays=None):
    """Run first steps on stacks of losses, Jacobians and rays, in one program."""
    rays = np.broadcast_to(RAYS, (len(losses), *RAYS.shape)) if rays is None else rays
    return update(*(np.asarray(x, np.float32) for x in (losses, jacobians, rays)))


def weights_of(update, losses=F, jacobians=J, rays=RAYS):
    """Return the weights of one first step, in float64."""
    _, state = steps(update, *(np.asarray(x)[None] for x in (losses, jacobians, rays)))
    return np.asarray(state.weights[0], np.float64)
