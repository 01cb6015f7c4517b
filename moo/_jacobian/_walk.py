"""Evaluation of a traced function that knows where each parameter is used."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from moo._types import Array

# Changes of layout, which keep inner products of gradients.
_VIEWS = {"transpose", "reshape", "squeeze", "expand_dims", "rev", "copy", "convert_element_type"}
_CALLS = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr",
          "checkpoint": "jaxpr", "remat": "jaxpr", "remat2": "jaxpr"}  # fmt: skip


class Value(NamedTuple):
    """An array, and which parameter it is, if it is one up to changes of layout."""

    array: Array
    leaf: int | None = None
    views: tuple[JaxprEqn, ...] = ()


Visit = Callable[[JaxprEqn, list[Value]], Array | None]


def walk(
    closed: ClosedJaxpr, inputs: Sequence[Value], visit: Visit, entered: Collection[str] = _CALLS
) -> list[Value]:
    """Evaluate a program, and call `visit` where an operation reads a tracked parameter.

    Args:
        closed: the program.
        inputs: its arguments; those with a `leaf` are tracked through layout changes and calls.
        visit: `visit(eqn, values) -> output`; None has the operation evaluated as it stands.
        entered: the calls whose bodies are walked through; others are operations.
    """
    env: dict[Var, Value] = {}
    constants = [Value(constant) for constant in closed.consts]
    env.update(zip(closed.jaxpr.constvars, constants, strict=True))
    env.update(zip(closed.jaxpr.invars, inputs, strict=True))
    for eqn in closed.jaxpr.eqns:
        env.update(
            zip(eqn.outvars, _step(eqn, _read(env, eqn.invars), visit, entered), strict=True)
        )
    return _read(env, closed.jaxpr.outvars)


def evaluate(eqn: JaxprEqn, arrays: Sequence[Array]) -> list[Array]:
    """Evaluate one operation."""
    bound = eqn.primitive.get_bind_params(eqn.params)
    # Older releases of JAX give the functions of a call apart from its parameters.
    functions, params = bound if isinstance(bound, tuple) else ((), bound)
    with eqn.ctx.manager:
        output = eqn.primitive.bind(*functions, *arrays, **params)
    return list(output) if eqn.primitive.multiple_results else [output]


def is_manual() -> bool:
    """Say whether this is inside of shard_map, where arrays differ from device to device."""
    return bool(jax.sharding.get_abstract_mesh().manual_axes)


def varying_as(losses: Array, array: Array) -> Array:
    """Return an array that under shard_map varies over the devices as the losses do."""
    return array + jnp.zeros_like(losses[0]).astype(array.dtype) if is_manual() else array


def typed(atom: Any) -> jax.ShapeDtypeStruct:
    """Return the shape and dtype of an operand or an output."""
    return jax.ShapeDtypeStruct(atom.aval.shape, atom.aval.dtype)


def view(array: Array, views: Sequence[JaxprEqn]) -> Array:
    """Apply changes of layout one after another."""
    for eqn in views:
        (array,) = evaluate(eqn, [array])
    return array


def _read(env: dict[Var, Value], atoms: Sequence[Var | Literal]) -> list[Value]:
    return [Value(atom.val) if isinstance(atom, Literal) else env[atom] for atom in atoms]


def _step(
    eqn: JaxprEqn, values: list[Value], visit: Visit, entered: Collection[str]
) -> list[Value]:
    arrays = [value.array for value in values]
    if all(value.leaf is None for value in values):
        return [Value(array) for array in evaluate(eqn, arrays)]
    if eqn.primitive.name in entered:
        return walk(_closed(eqn.params[_CALLS[eqn.primitive.name]]), values, visit, entered)
    if _is_view(eqn):
        (array,) = evaluate(eqn, arrays)
        return [Value(array, values[0].leaf, (*values[0].views, eqn))]
    output = visit(eqn, values)
    outputs = evaluate(eqn, arrays) if output is None else [output]
    return [Value(array) for array in outputs]


def _closed(program: Jaxpr | ClosedJaxpr) -> ClosedJaxpr:
    return program if isinstance(program, ClosedJaxpr) else ClosedJaxpr(program, ())


def _is_view(eqn: JaxprEqn) -> bool:
    name = eqn.primitive.name
    if name == "broadcast_in_dim" and len(eqn.invars) == 1:
        return typed(eqn.outvars[0]).size == typed(eqn.invars[0]).size
    return name in _VIEWS and len(eqn.invars) == 1
