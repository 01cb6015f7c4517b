"""Two related regressions from a stream of rows, learned by models of equal size."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

import moo
from papers._regressions import Array, dense, directions

# The paper leaves frequencies and phases open; these are those of google-research's code.
FREQUENCIES, PHASES = np.arange(1.0, 11.0), np.arange(10.0) ** 2
WIDTH, EXPERTS, EXPERT, TOWER = 100, 8, 16, 8
BATCH, TESTED = 128, 5000


def build(name: str, seed: int = 0, **options: Any) -> Any:
    """Return a model of two tasks with the paper's towers, as (graph, params, state)."""
    model = moo.models.build(
        name, columns=[], num_tasks=2, tower=(TOWER,), inputs=dense(WIDTH), rngs=nnx.Rngs(seed),
        **options,
    )  # fmt: skip
    return moo.models.functional(model)


def explained(relations: Array, steps: int, seeds: int, name: str, **options: Any) -> Array:
    """Train a model and return the mean R2 of its tasks on fresh rows, (relations, seeds)."""
    built = [build(name, seed, **options) for seed in range(seeds)]
    graph, _, rest = built[0]
    params = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(one[1] for one in built))
    tasks = np.array([[directions(p, WIDTH, seed) for seed in range(seeds)] for p in relations])
    keys = jax.random.split(jax.random.key(0), seeds)
    one = partial(_explained, lambda own, v: moo.models.apply(graph, own, rest, {"x": v})[0], steps)
    every = jax.jit(jax.vmap(jax.vmap(one), (None, 0, None)))
    return np.asarray(every(params, tasks.astype(np.float32), keys), float)


def _explained(
    predict: Any, steps: int, params: Any, tasks: jax.Array, key: jax.Array
) -> jax.Array:  # fmt: skip
    tx = optax.adam(1e-2)

    def step(carry: tuple[Any, Any], key: jax.Array) -> tuple[tuple[Any, Any], None]:
        own, state = carry
        v, y = _rows(key, tasks, BATCH)
        slope = jax.grad(lambda own: jnp.mean((predict(own, v) - y) ** 2))(own)
        update, state = tx.update(slope, state, own)
        return (optax.apply_updates(own, update), state), None

    first, last = jax.random.split(key)
    (params, _), _ = jax.lax.scan(step, (params, tx.init(params)), jax.random.split(first, steps))
    v, y = _rows(last, tasks, TESTED)
    return jnp.mean(1 - jnp.mean((predict(params, v) - y) ** 2, axis=0) / y.var(axis=0))


def _rows(key: jax.Array, tasks: jax.Array, rows: int) -> tuple[jax.Array, jax.Array]:
    first, second = jax.random.split(key)
    v = jax.random.normal(first, (rows, WIDTH), jnp.float32)
    linear = v @ tasks.T
    waves = jnp.sin(linear[..., None] * np.float32(FREQUENCIES) + np.float32(PHASES)).sum(axis=-1)
    return v, linear + waves + 0.1 * jax.random.normal(second, linear.shape, jnp.float32)
