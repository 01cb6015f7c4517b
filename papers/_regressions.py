"""Pairs of regressions whose relation is set: the generator of MMoE's synthetic data."""

from typing import Any

import jax
import numpy as np
from flax import nnx

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def directions(relation: float, dim: int, seed: int = 0) -> Array:
    """Return two unit vectors (2, dim) of the given cosine, w = u1 and p u1 + sqrt(1 - p^2) u2."""
    frame = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, 2)))[0].T
    return np.stack([frame[0], relation * frame[0] + np.sqrt(1 - relation**2) * frame[1]])


def labels(
    tasks: Array, features: Array, frequencies: Array, phases: Array, seed: int, *,
    deviation: float = 0.1,
) -> Array:  # fmt: skip
    """Return y = w.v + sum_i sin(a_i w.v + b_i) + noise, (rows, 2); no waves: linear labels."""
    linear = features @ tasks.T
    waves = np.sin(linear[..., None] * frequencies + phases).sum(axis=-1)
    noise = np.random.default_rng(seed).normal(size=linear.shape)
    found: Array = linear + waves + deviation * noise
    return found


def correlations(
    relations: Array, frequencies: Array, phases: Array, rows: int, dim: int = 20
) -> Array:
    """Return the correlation of the two labels for each relation of the tasks."""
    features = np.random.default_rng(1).normal(size=(rows, dim))
    found = [labels(directions(p, dim), features, frequencies, phases, seed=2) for p in relations]
    return np.array([np.corrcoef(both.T)[0, 1] for both in found])


def dense(width: int) -> type[nnx.Module]:
    """Return an input layer of models for features (rows, width) that come as they are."""

    class Dense(nnx.Module):
        def __init__(self, columns: Any, embedding_dim: int, *, rngs: nnx.Rngs) -> None:
            self.width = width

        def __call__(self, batch: Any) -> jax.Array:
            found: jax.Array = batch["x"]
            return found

    return Dense
