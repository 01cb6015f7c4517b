"""Random changes of two gradients at an angle, and what they do to a method's weights."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._noise import constant_jacobian, settle, weights_of

STEP = 1e-2  # of the squared angle, over which min-norm weights turn: kinks count, jumps do not
_ROUNDING = 8  # units in the last place: a smaller change of weights is none


class Changes(NamedTuple):
    """What is changed, and who is asked.

    Attributes:
        method: the aggregator.
        rows: (m, d) gradients in axes of the plane of a pair, of whose first they begin with.
        pair: the two that change.
        opposite: whether the pair is nearly opposite rather than nearly equal.
        trials: how many changes.
        warmup: steps on the same gradients before the one that counts.
    """

    method: Aggregator
    rows: Array
    pair: tuple[int, int]
    opposite: bool
    trials: int
    warmup: int

    def largest(self, angle: Array, length: Array, key: Array) -> tuple[Array, Array]:
        """Return the largest effects on weights and direction per change, with that angle."""
        reach = self.rows[self.pair[0], 0]
        size = STEP * angle**2 * reach
        base = self._turned(angle, length)
        weights, v = self._answer(base)
        moved, bent = jax.vmap(self._answer)(base + self._drawn(size, key))
        most = _most(moved - weights)
        most = jnp.where(most <= _ROUNDING * jnp.finfo(most.dtype).eps, 0, most)
        return most * reach / size, _most(bent - v) / size

    def _turned(self, angle: Array, length: Array) -> Array:
        """Return the gradients with the pair's second of that length at that angle."""
        cosine = -jnp.cos(angle) if self.opposite else jnp.cos(angle)
        near = length * jnp.stack([cosine, jnp.sin(angle)])
        return self.rows.at[self.pair[1]].set(0).at[self.pair[1], :2].set(near)

    def _drawn(self, size: Array, key: Array) -> Array:
        """Return changes of the pair in its plane, of one length, (trials, m, d)."""
        noise = jax.random.normal(key, (self.trials, 2, 2), self.rows.dtype)
        noise *= size / jnp.sqrt(jnp.sum(noise**2, axis=(1, 2), keepdims=True))
        still = jnp.zeros((self.trials, *self.rows.shape))
        return still.at[:, jnp.array(self.pair), :2].set(noise)

    def _answer(self, rows: Array) -> tuple[Array, Array]:
        point = jnp.zeros(rows.shape[1], rows.dtype)
        v, state = settle(self.method, constant_jacobian(rows, point), point, self.warmup)
        weights = weights_of(self.method, state)
        if weights is None:
            raise ValueError("method must report weights or multipliers (m,) in its state")
        return weights, v


def _most(change: Array) -> Array:
    return jnp.max(jnp.linalg.norm(change, axis=1))
