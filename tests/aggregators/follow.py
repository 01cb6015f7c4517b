"""Steps of a method on given rows, and the rows that worked numbers are stated for."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import moo

ROWS = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LATER = np.array([[0.5, 0.1, -0.2], [-0.9, 1, 0.3]])
LOSSES, LATER_LOSSES = np.array([1.0, 2.0]), np.array([0.8, 1.9])


@functools.cache
def stepper(tx):
    """Compile a method's step once for each of its instances and shapes."""

    @jax.jit
    def step(state, rows, losses, active, extras):
        params = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape[1:]), rows)
        return tx.update(moo.stacked_jacobian(rows, losses, active=active), state, params, **extras)

    return step


def follow(tx, *batches, losses=None, active=None, **extras):
    """Return the updates, as a stack, and the last state, of compiled steps on batches of rows.

    Args:
        tx: an aggregator.
        *batches: rows of each step, a matrix or a pytree with a leading axis m.
        losses: one vector a step, or None for ones.
        active: one mask for all steps, or None.
        **extras: given to every update.
    """
    m = tx.num_objectives
    batches = [jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), J) for J in batches]
    losses = np.ones((len(batches), m)) if losses is None else losses
    mask = np.ones(m, bool) if active is None else np.asarray(active)
    state, updates = tx.init(jax.tree.map(lambda leaf: leaf[0], batches[0])), []
    for rows, ell in zip(batches, losses, strict=True):
        v, state = stepper(tx)(state, rows, np.asarray(ell, np.float32), mask, extras)
        updates.append(v)
    return jax.tree.map(lambda *leaves: np.stack(leaves).astype(np.float64), *updates), state


def as_tree(J):
    """Split a matrix (m, 3) into two leaves, of one and of two entries."""
    return {"w": J[:, :1], "b": J[:, 1:].reshape(len(J), 1, 2)}


def flat(tree):
    """Undo `as_tree` on updates, shape (steps, 3)."""
    steps = len(tree["w"])
    return np.concatenate([tree["w"].reshape(steps, -1), tree["b"].reshape(steps, -1)], axis=1)
