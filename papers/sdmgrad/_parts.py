"""Parts of the authors' code: the inner loop, sampled objectives, and the buffers of gradients."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo
from papers._draws import Array, jacobians
from papers._min_norm import shortest


def leaned(rows: Array, lam: float) -> Array:
    """Return the gradients leaned towards their mean, (g_i + lam g_0) / (1 + lam)."""
    return np.asarray((rows + lam * rows.mean(axis=-2, keepdims=True)) / (1 + lam))


def inner_loop(draws: int, lam: float = 0.3) -> dict[str, float]:
    """Return how often the authors' 20 steps end more than 0.05 off the right shares."""
    rows = np.random.default_rng(0).normal(size=(draws, 3, 50))
    tx = moo.sdmgrad(3, lam=lam, inner="published", batches=1)

    def one(matrix: jax.Array) -> jax.Array:
        point = jnp.zeros_like(matrix[0])
        return tx.update(moo.stacked_jacobian(matrix), tx.init(point), point)[1].shares

    found = np.asarray(jax.jit(jax.vmap(one))(rows))
    away = found - [shortest(one) for one in leaned(rows, lam)]
    return {"inner_loop_off_share": float((np.abs(away).max(axis=1) > 0.05).mean())}


def sampling(draws: int) -> dict[str, float]:
    """Return the mean direction of sampled objectives over the whole one, and how often it is 0."""
    (many, still), (one, _) = _sampled(10, 4, draws), _sampled(3, 1, draws)
    return {
        "sampled_over_whole_mt10": float(many.sum(axis=1).mean()),
        "sampled_over_whole_one_of_three": float(one.sum(axis=1).mean()),
        "still_share": float((np.linalg.norm(still, axis=1) < 1e-9).mean()),
    }


def _sampled(m: int, n: int, draws: int, lanes: int = 100) -> Array:
    """Return directions on orthonormal gradients for lambda = 1e6 and 0, (2, draws, m)."""
    jac = moo.stacked_jacobian(jnp.eye(m))

    def lane(lam: jax.Array, key: jax.Array) -> jax.Array:
        tx = moo.sdmgrad_os(m, sample=n, lam=lam, key=key)

        def step(state: Any, _: None) -> tuple[Any, jax.Array]:
            return tx.update(jac, state)[::-1]

        return jax.lax.scan(step, tx.init(jnp.zeros(m)), length=draws // lanes)[1]

    both = jax.vmap(jax.vmap(lane, (None, 0)), (0, None))
    keys = jax.random.split(jax.random.key(0), lanes)
    return np.asarray(jax.jit(both)(jnp.array([1e6, 0.0]), keys)).reshape(2, -1, m)


def buffers(draws: int = 100_000) -> dict[str, float]:
    """Return the bias of products of samples in two buffers made as in the authors' code."""
    rows = jacobians(1, 2, 5)[0]
    samples = rows + np.random.default_rng(0).normal(size=(2, draws, 2, 5))
    kept = [np.empty((draws, 2, 5))] * 2  # one array under two names
    for buffer, sample in zip(kept, samples, strict=True):
        buffer[:] = sample
    away = np.mean(kept[0] @ np.swapaxes(kept[1], 1, 2), axis=0) - rows @ rows.T
    return {"aliased_bias": float(np.diag(away).mean())}
