"""A bounded archive of iterates that do not dominate each other, each with a count of rounds."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._types import Array, Params, PyTree


class Archive(NamedTuple):
    """Kept iterates.

    Attributes:
        losses: shape (capacity, m); infinite where an objective was not active.
        counts: shape (capacity,); the rounds that an entry stands for, 0 for an empty place.
        points: like the parameters, with a leading axis of `capacity`.
    """

    losses: Array
    counts: Array
    points: PyTree


def empty(params: Params, capacity: int, num_objectives: int, dtype: Any) -> Archive:
    """Return an archive of empty places."""
    points = jax.tree.map(
        lambda x: jnp.zeros((capacity, *jnp.shape(x)), jnp.result_type(x)), params
    )
    losses = jnp.full((capacity, num_objectives), jnp.inf, dtype)
    return Archive(losses, jnp.zeros(capacity, dtype), points)


def insert(archive: Archive, losses: Array, params: Params) -> Archive:
    """Let the entries that are nowhere worse take the round; else keep the point, for those worse.

    An entry is worse if no objective is better there. If no place is empty, the entry of the least
    count gives its own, and its count, to the newcomer.

    Args:
        archive: the archive so far.
        losses: shape (m,), infinite where inactive.
        params: the point at which they were taken.

    Returns:
        The archive, whose counts add up to 1 more.
    """
    used = archive.counts > 0
    better = used & jnp.all(archive.losses <= losses, axis=1)
    taken = jnp.any(better)
    shared = archive.counts + better / jnp.maximum(jnp.sum(better), 1).astype(losses.dtype)
    worse = used & jnp.all(losses <= archive.losses, axis=1)
    left = jnp.where(worse, 0, archive.counts)
    place = jnp.argmin(left)
    inherited = jnp.sum(archive.counts - left) + left[place]
    counts = jnp.where(taken, shared, left.at[place].set(1 + inherited))

    def put(entries: Array, entry: Array) -> Array:
        return entries.at[place].set(jnp.where(taken, entries[place], entry))

    points = jax.tree.map(put, archive.points, params)
    return Archive(put(archive.losses, losses), counts, points)


def average(archive: Archive) -> PyTree:
    """Return the mean of the points by their counts."""
    shares = archive.counts / jnp.sum(archive.counts)

    def mean(points: Array) -> Array:
        wide = points.astype(jnp.promote_types(jnp.float32, points.dtype))
        column = shares.astype(wide.dtype).reshape(-1, *[1] * (points.ndim - 1))
        return jnp.sum(jnp.where(column > 0, column * wide, 0), axis=0).astype(points.dtype)

    return jax.tree.map(mean, archive.points)
