"""Ways to pull all m gradients out of one backward function."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax

from moo._types import Array, Engine, PyTree

# Measured on wide trunks: unrolling is never slower up to here, and scan holds less beyond.
_UNROLL_UP_TO = 8


def each_row(
    pull: Callable[[Array], PyTree], num_objectives: int, dtype: jnp.dtype, engine: Engine
) -> PyTree:
    """Apply `pull` to every basis vector of the losses.

    Args:
        pull: maps a cotangent, shape (m,), to a pytree.
        num_objectives: the number m of losses.
        dtype: dtype of the losses.
        engine: `"scan"` holds one gradient's temporaries, `"unroll"` fuses across objectives,
            `"vmap"` batches them; `"auto"` on a CPU unrolls up to 8 objectives and scans beyond,
            elsewhere it batches.

    Returns:
        The pytree of `pull`, each leaf with a leading axis m.
    """
    basis = jnp.eye(num_objectives, dtype=dtype)
    engine = chosen(engine, num_objectives)
    if engine == "vmap":
        return jax.vmap(pull)(basis)
    if engine == "scan":
        return lax.map(pull, basis)
    rows = [pull(basis[i]) for i in range(num_objectives)]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def chosen(engine: Engine, num_objectives: int) -> Engine:
    """Return the engine that stands for `auto` on this device, and any other as it is."""
    if engine != "auto":
        return engine
    if jax.default_backend() != "cpu":
        return "vmap"
    return "unroll" if num_objectives <= _UNROLL_UP_TO else "scan"
