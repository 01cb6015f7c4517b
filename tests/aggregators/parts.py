"""Batches of linear losses whose parts have given rows, and the rows of the worked numbers."""

import jax.numpy as jnp
import numpy as np

import moo

FIRST = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
SECOND = np.array([[0.8, 0.1, -0.4], [-0.9, 1, 0.3]])
THIRD = np.array([[0.6, 0.4, -0.2], [-0.3, 0.8, 0.2]])


def mean_of_rows(x, rows):
    return (rows @ x).mean(axis=0)


def parted(*matrices, **options):
    """Return a Jacobian at 0 whose k parts have these k matrices, and whose rows are their mean."""
    rows = jnp.stack([jnp.asarray(matrix, jnp.float32) for matrix in matrices])
    return moo.jacobian(mean_of_rows, jnp.zeros(rows.shape[-1]), rows, batched=(True,), **options)


def weights_of_pair(rows):
    """Return the min-norm weights of two rows, by their formula."""
    one, two = rows
    share = np.clip(two @ (two - one) / ((one - two) @ (one - two)), 0, 1)
    return np.array([share, 1 - share])


def simplex_of_pair(point):
    """Return the projection of two numbers onto the simplex, by its formula."""
    share = np.clip((1 + point[0] - point[1]) / 2, 0, 1)
    return np.array([share, 1 - share])
