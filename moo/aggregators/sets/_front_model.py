"""A small network from preference angles to losses, and angles that spread its outputs."""

import functools
import itertools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax

from moo._types import Array

_WIDTH = 128


class FrontModel(NamedTuple):
    """Layers of the network, and its Adam."""

    layers: tuple[tuple[Array, Array], ...]
    adam: Any

    @classmethod
    def init(cls, key: Array, num_objectives: int, dtype: Any, rate: float) -> "FrontModel":
        """Draw the layers m - 1 -> 128 -> 128 -> m."""
        sizes = (num_objectives - 1, _WIDTH, _WIDTH, num_objectives)
        keys = jax.random.split(key, 3)
        layers = tuple(
            (jax.random.normal(k, shape, dtype) * (2 / shape[0]) ** 0.5, jnp.zeros(shape[1], dtype))
            for k, shape in zip(keys, itertools.pairwise(sizes), strict=True)
        )
        return cls(layers, optax.adam(rate).init(layers))

    def fit(
        self, angles: Array, losses: Array, known: Array, steps: int, rate: float
    ) -> "FrontModel":
        """Fit the mean squared error over the known pairs, going on from where it stands.

        Args:
            angles: shape (number, m - 1).
            losses: shape (number, m).
            known: shape (number,), bool.
            steps: steps of Adam.
            rate: its learning rate.
        """

        def error(layers: Any) -> Array:
            squares = jnp.sum((predict(layers, angles) - losses) ** 2, axis=1)
            return jnp.sum(jnp.where(known, squares, 0)) / jnp.maximum(jnp.sum(known), 1)

        return FrontModel(*_adam_steps(error, self.layers, self.adam, steps, rate))


def predict(layers: Any, angles: Array) -> Array:
    """Return the losses that the network expects, shape (K, m)."""
    *hidden, (last, shift) = layers
    for matrix, bias in hidden:
        angles = jax.nn.relu(angles @ matrix + bias)
    return angles @ last + shift


@functools.partial(jax.jit, static_argnames="steps")
def spread(layers: Any, angles: Array, steps: int, rate: float) -> Array:
    """Move angles within [0, pi / 2] so that the least distance of their outputs grows."""
    adam = optax.adam(rate)

    def step(carry: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], None]:
        angles, state = carry
        slope = jax.grad(lambda a: -least_distance(predict(layers, a)))(angles)
        updates, state = adam.update(slope, state)
        return (jnp.clip(angles + updates, 0, jnp.pi / 2).astype(angles.dtype), state), None

    (angles, _), _ = lax.scan(step, (angles, adam.init(angles)), length=steps)
    return angles


def least_distance(points: Array) -> Array:
    """Return the least distance between two of the points, shape (); 0 for a single one."""
    apart = points[:, None, :] - points[None, :, :]
    squares = jnp.sum(apart**2, axis=2)
    pairs = ~jnp.eye(len(points), dtype=bool)
    least = jnp.min(jnp.where(pairs, squares, jnp.inf), initial=jnp.inf)
    sound = jnp.isfinite(least) & (least > 0)
    return jnp.where(sound, jnp.sqrt(jnp.where(sound, least, 1)), 0)


def _adam_steps(value: Any, params: Any, state: Any, steps: int, rate: float) -> tuple[Any, Any]:
    adam = optax.adam(rate)

    def step(carry: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], None]:
        params, state = carry
        updates, state = adam.update(jax.grad(value)(params), state)
        return (optax.apply_updates(params, updates), state), None

    return lax.scan(step, (params, state), length=steps)[0]
