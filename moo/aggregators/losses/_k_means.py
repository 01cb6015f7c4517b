"""Exact k-means on the line: the best groups are intervals of the sorted values."""

import functools

import jax
import jax.numpy as jnp
from jax import lax

from moo._jacobian._gram import times_power_of_two
from moo._types import Array


@functools.partial(jax.jit, static_argnames="groups")
def centroids(values: Array, active: Array, groups: int) -> Array:
    """Return the mean of each active value's group, for the groups of least total variance.

    Bellman's dynamic programme over the sorted values, O(groups m^2) operations.

    Args:
        values: shape (m,); anything where inactive.
        active: shape (m,), bool.
        groups: how many groups at most; static. With more groups than values each is its own.

    Returns:
        Shape (m,); 0 where inactive, NaN if an active value is not finite. Values that are equal
        share a group.
    """
    order = jnp.argsort(jnp.where(active, values, jnp.inf))
    line = jnp.where(active, values, 0)[order]
    # In units of the largest one, because the square of a value beyond 1e19 overflows float32.
    _, power = jnp.frexp(jnp.max(jnp.abs(line)))
    ends = _ends(_spreads(times_power_of_two(line, -power)), jnp.sum(active), groups)
    group = jnp.sum(jnp.arange(len(line))[:, None] >= ends[None, :], axis=1)
    # Inactive values were sorted behind the last end, so their group is one too many.
    member = group[:, None] == jnp.arange(groups)[None, :]
    sizes = jnp.maximum(jnp.sum(member, axis=0), 1)
    means = jnp.sum(jnp.where(member, line[:, None], 0), axis=0) / sizes.astype(line.dtype)
    sorted_means = jnp.sum(jnp.where(member, means[None, :], 0), axis=1)
    sound = jnp.isfinite(line).all()
    return jnp.where(sound, jnp.zeros_like(line).at[order].set(sorted_means), jnp.nan)


def _spreads(line: Array) -> Array:
    """Return the sum of squares about the mean of entries i to j - 1, shape (m + 1, m + 1).

    Infinite below the diagonal. Welford's recurrence, for prefix sums of squares would cancel.
    """
    m, dtype = len(line), line.dtype
    starts = jnp.arange(m + 1)

    def extend(
        carry: tuple[Array, Array], entry: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], Array]:
        (mean, spread), (j, value) = carry, entry
        size = jnp.maximum(j + 1 - starts, 1).astype(dtype)
        away = value - mean
        new = (mean + away / size, spread + away * away * (size - 1) / size)
        mean, spread = (jnp.where(starts <= j, a, 0) for a in new)
        return (mean, spread), jnp.where(starts <= j + 1, spread, jnp.inf)

    zeros = jnp.zeros(m + 1, dtype)
    _, columns = lax.scan(extend, (zeros, zeros), (jnp.arange(m), line))
    first = jnp.where(starts == 0, zeros, jnp.inf)
    return jnp.concatenate([first[None], columns]).T


def _ends(spreads: Array, number: Array, groups: int) -> Array:
    """Return where each of the best groups of the first `number` entries ends, shape (groups,)."""
    costs, choices = spreads[0], []
    for _ in range(groups - 1):
        totals = costs[:, None] + spreads
        choices.append(jnp.argmin(totals, axis=0))
        costs = jnp.min(totals, axis=0)
    ends = [number]
    for choice in reversed(choices):
        ends.append(choice[ends[-1]])
    return jnp.stack(ends[::-1])
