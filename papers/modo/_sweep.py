"""MoDo on finite samples of quadratics: what the step size of the weights gains and costs."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from papers._draws import Array
from papers._stochastic import nearest

GAMMAS = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
RATE, BATCH = 0.05, 16
QUADRATICS = moo.problem("noisy_quadratics")


class Sweep(NamedTuple):
    """Of each data set, all (gammas, sets).

    Attributes:
        optimisation: stationarity gap of the empirical losses, mean over the run.
        conflict: distance of the direction from the empirical min-norm one, likewise.
        generalisation: the expected losses' gap less the empirical one, at the end.
        stability: how far the end moves if one sample is replaced.
    """

    optimisation: Array
    conflict: Array
    generalisation: Array
    stability: Array


def sweep(count: int, sets: int, steps: int, gammas: Sequence[float] = GAMMAS) -> Sweep:
    """Run MoDo on data sets of `count` samples, and on their twins that differ in one."""
    rng = np.random.default_rng([count, sets])
    data = rng.normal(size=(sets, 2, count, 2, QUADRATICS.dim))
    data[:, 1, 1:] = data[:, 0, 1:]
    starts = np.resize(QUADRATICS.starts, (sets, QUADRATICS.dim))
    keys = jax.random.split(jax.random.key(count), sets)
    twins = jax.vmap(partial(_run, steps), (None, None, None, 0))
    lanes = jax.vmap(jax.vmap(twins, (None, 0, 0, 0)), (0, None, None, None))
    found = jax.jit(lanes)(jnp.asarray(gammas), jnp.asarray(starts), keys, jnp.asarray(data))
    x, gaps, conflicts, excess = (np.asarray(one) for one in found)
    moved = np.linalg.norm(x[:, :, 0] - x[:, :, 1], axis=-1)
    return Sweep(gaps[..., 0], conflicts[..., 0], excess[..., 0], moved)


def _run(
    steps: int, gamma: jax.Array, start: jax.Array, key: jax.Array, data: jax.Array
) -> tuple[jax.Array, ...]:
    tx = optax.chain(moo.modo(2, gamma=gamma, rho=0.0), optax.sgd(RATE))

    def losses(x: jax.Array, batch: jax.Array) -> jax.Array:
        return QUADRATICS.objectives(x) + batch.mean(axis=0) @ x

    step = moo.make_step(losses, tx, batched=(True,))

    def gap(rows: jax.Array) -> jax.Array:
        return jnp.linalg.norm(nearest(rows) @ rows)

    def one(carry: Any, t: jax.Array) -> tuple[Any, tuple[jax.Array, jax.Array]]:
        x, state = carry
        rows = jax.jacobian(losses)(x, data)
        picked = jax.random.randint(jax.random.fold_in(key, t), (BATCH,), 0, len(data))
        new, state, record = step(x, state, data[picked])
        assert record.weights is not None
        away = jnp.linalg.norm((record.weights - nearest(rows)) @ rows)
        return (new, state), (gap(rows), away)

    (x, _), (gaps, away) = jax.lax.scan(one, (start, tx.init(start)), jnp.arange(steps))
    seen, true = (jax.jacobian(losses)(x, given) for given in (data, jnp.zeros_like(data)))
    return x, gaps.mean(), away.mean(), gap(true) - gap(seen)
