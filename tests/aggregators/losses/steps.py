"""The worked example of two steps, and a way to take such steps."""

import jax.numpy as jnp
import numpy as np

import moo

ROWS = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
LATER_ROWS = np.array([[0.5, 0.1, -0.2], [-0.9, 1, 0.3]])
LATER_LOSSES = np.array([0.8, 1.9])


def take(method, *batches, state=None, active=None):
    """Step on (rows, losses) after (rows, losses); return the updates and the states."""
    params = jnp.zeros(3)
    state = method.init(params) if state is None else state
    updates, states = [], []
    for rows, losses in batches:
        mask = None if active is None else jnp.asarray(active)
        jac = moo.stacked_jacobian(
            jnp.asarray(rows, jnp.float32), jnp.asarray(losses, jnp.float32), active=mask
        )
        update, state = method.update(jac, state, params)
        updates.append(np.asarray(update))
        states.append(state)
    return updates, states


def weights_at(method, losses, active=None):
    """Return the weights of the first step at these losses."""
    rows = np.ones((len(losses), 3))
    return np.asarray(take(method, (rows, losses), active=active)[1][0].weights)


def both_steps(method):
    """Take the two steps of the worked example."""
    return take(method, (ROWS, LOSSES), (LATER_ROWS, LATER_LOSSES))
