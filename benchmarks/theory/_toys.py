"""Where methods end on the noisy toys."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from benchmarks.theory._shortest import shortest
from moo._types import Array
from moo.diagnostics.theory._noise import batch_losses


def ends(
    problem: moo.problems.Problem, method: moo.Aggregator, key: Array,
    *, seeds: int, steps: int, learning_rate: float, batch: int,
) -> np.ndarray:  # fmt: skip
    """Run Adam from every start of a noisy problem, and return the ends, (seeds, starts, d)."""
    tx = optax.chain(method, optax.adam(learning_rate))
    step = moo.make_step(batch_losses(problem), tx, batched=(True,))

    def run(start: Array, key: Array) -> Array:
        def one(carry: Any, t: Array) -> tuple[Any, None]:
            x, state, _ = step(*carry, jax.random.split(jax.random.fold_in(key, t), batch))
            return (x, state), None

        (x, _), _ = jax.lax.scan(one, (start, tx.init(start)), jnp.arange(steps))
        return jnp.asarray(x)

    starts = jnp.asarray(problem.starts, dtype=float)
    keys = jax.random.split(key, (seeds, len(starts)))
    every = jax.vmap(jax.vmap(run), (None, 0))
    return np.asarray(jax.jit(every)(starts, keys), float)


def off(problem: moo.problems.Problem, points: np.ndarray) -> np.ndarray:
    """Return how far points (seeds, starts, d) are from the end of optimisation, (seeds,).

    It is the mean distance from the Pareto set over the starts; where that is not known, the mean
    length of the shortest convex combination of the exact gradients.
    """
    flat = points.reshape(-1, problem.dim)
    if problem.pareto_set is not None:
        away = np.asarray(problem.distance_to_set(flat))
    else:
        rows = jax.jit(jax.vmap(jax.jacobian(problem.objectives)))(jnp.asarray(flat))
        away = np.linalg.norm(shortest(np.asarray(rows, float)), axis=1)
    return np.asarray(away.reshape(points.shape[:2]).mean(axis=1), float)
