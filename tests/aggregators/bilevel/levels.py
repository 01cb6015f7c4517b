"""Two levels of linear losses with given rows."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import moo


def linear(rows, losses=1.0, **options):
    """Return the Jacobian at 0 of linear losses with these rows and these values there."""
    rows = jnp.asarray(rows, jnp.float32)
    start = jnp.broadcast_to(jnp.asarray(losses, jnp.float32), rows.shape[:1])
    return moo.jacobian(lambda x: start + rows @ x, jnp.zeros(rows.shape[1]), **options)


def one_step(tx, train, held_out, before=None, active=None):
    """Return v and the state after a compiled step, both levels given by (rows, losses)."""
    x = jnp.zeros(np.shape(train[0])[1])
    mask = jnp.ones(tx.num_objectives, bool) if active is None else jnp.asarray(active)
    state = tx.init(x) if before is None else before
    v, state = _compiled(tx)(x, state, _level(*train), _level(*held_out), mask)
    return np.asarray(v, np.float64), state


@functools.cache
def _compiled(tx):
    def step(x, state, train, held_out, mask):
        return tx.update(linear(*train, active=mask), state, x, validation=linear(*held_out))

    return jax.jit(step)


def _level(rows, losses=1.0):
    rows = jnp.asarray(rows, jnp.float32)
    return rows, jnp.broadcast_to(jnp.asarray(losses, jnp.float32), rows.shape[:1])
