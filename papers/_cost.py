"""What a step of a method costs in arithmetic, by the compiler's own count."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo


def flops(method: str, objectives: int, width: int = 64, samples: int = 4096) -> float:
    """Return the operations of a training step on a shared layer with that many heads."""
    rng = np.random.default_rng(0)
    inputs = jnp.asarray(rng.normal(size=(samples, width)))
    heads = jnp.asarray(rng.normal(size=(width, objectives)) / width)

    def losses(layer: jax.Array) -> Any:
        return jnp.mean((jnp.tanh(inputs @ layer) @ heads) ** 2, axis=0) + 1

    rest = optax.sgd(1e-3)
    step = moo.make_step(losses, moo.optimizer(method, rest, num_objectives=objectives))
    start = jnp.asarray(rng.normal(size=(width, width)) / width)
    state = moo.optimizer(method, rest, num_objectives=objectives).init(start)
    counted = jax.jit(step).lower(start, state).compile().cost_analysis()
    return float(counted["flops"])
