"""Ways to pull all m gradients out of one backward function."""

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

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
            `"vmap"` batches them; `"auto"` on a CPU unrolls up to 8 objectives and convolutions,
            and scans beyond; elsewhere it batches.

    Returns:
        The pytree of `pull`, each leaf with a leading axis m.
    """
    basis = jnp.eye(num_objectives, dtype=dtype)
    way = chosen(pull, num_objectives, dtype, engine)
    if way == "vmap":
        return jax.vmap(pull)(basis)
    return lax.map(pull, basis) if way == "scan" else _unrolled(pull, basis)


def one_by_one(fn: Callable[[Array], PyTree], basis: Array) -> PyTree:
    """Apply a function of gradients to every row of a basis, in a loop where that is quick."""
    return _unrolled(fn, basis) if _stalls(fn, basis[0]) else lax.map(fn, basis)


def chosen(
    pull: Callable[[Array], PyTree], num_objectives: int, dtype: jnp.dtype, engine: Engine
) -> str:
    """Return the engine that stands for `auto` on this device, and any other as it is."""
    if engine != "auto":
        return engine
    if jax.default_backend() != "cpu":
        return "vmap"
    few = num_objectives <= _UNROLL_UP_TO
    return "unroll" if few or _stalls(pull, jnp.zeros(num_objectives, dtype)) else "scan"


def _unrolled(fn: Callable[[Array], PyTree], basis: Array) -> PyTree:
    rows = [fn(basis[i]) for i in range(len(basis))]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def _stalls(fn: Callable[[Array], PyTree], like: Array) -> bool:
    """Say whether a function would be slow in a loop.

    On a CPU, XLA's gradient of a convolution's kernel takes about 50 times as long in the body of
    a loop or of a branch as outside of one.
    """
    if jax.default_backend() != "cpu":
        return False
    program = jax.make_jaxpr(fn)(like)
    return any(eqn.primitive.name == "conv_general_dilated" for eqn in operations(program.jaxpr))


def operations(program: Jaxpr) -> Iterable[JaxprEqn]:
    """Return all operations of a program, those of its calls and loops included."""
    for eqn in program.eqns:
        yield eqn
        for inner in jax.tree.leaves(list(eqn.params.values()), is_leaf=_is_program):
            if _is_program(inner):
                yield from operations(inner.jaxpr if isinstance(inner, ClosedJaxpr) else inner)


def _is_program(value: Any) -> bool:
    return isinstance(value, Jaxpr | ClosedJaxpr)
