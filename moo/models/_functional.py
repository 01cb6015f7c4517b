"""The border to flax: a model as a graph, a tree of parameters and a tree of other state."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from moo._types import Params, PyTree


def functional(model: nnx.Module | Callable[[], nnx.Module]) -> tuple[Any, Params, PyTree]:
    """Split a model into its static graph, its parameters and its remaining state.

    The trees are nested dicts of copied arrays: nothing is shared with `model`, so they may be
    donated, carried through `scan` or stacked over seeds. The remaining state holds what
    batch norm and dropout keep (running moments; keys and counters).

    Args:
        model: an `nnx` module; or a function without arguments that makes one, its `rngs`
            included, which is then compiled, so that tables that fill the memory are held once.

    Returns:
        (graphdef, params, model_state); graphdef is hashable and holds no array.

    Raises:
        TypeError: if `model` is no `nnx.Module`, nor makes one.

    Example:
        >>> from flax import nnx
        >>> graphdef, params, model_state = functional(nnx.Linear(2, 3, rngs=nnx.Rngs(0)))
        >>> {name: leaf.shape for name, leaf in params.items()}, model_state
        ({'bias': (3,), 'kernel': (2, 3)}, {})
        >>> _, params, _ = functional(lambda: nnx.Linear(2, 3, rngs=nnx.Rngs(0)))
        >>> params["kernel"].shape
        (2, 3)
    """
    graphdef, *_ = nnx.split(outline(model), nnx.Param, ...)
    if isinstance(model, nnx.Module):
        params, model_state = jax.tree.map(jnp.copy, _trees(model))
    else:
        params, model_state = jax.jit(lambda: _trees(model()))()
    return graphdef, params, model_state


def outline(model: nnx.Module | Callable[[], nnx.Module]) -> nnx.Module:
    """Return a module as it is, or what a function makes, with shapes in place of arrays."""
    if not isinstance(model, nnx.Module) and callable(model):
        model = nnx.eval_shape(model)
    if not isinstance(model, nnx.Module):
        raise TypeError(f"model must be a flax nnx.Module or make one, got {type(model).__name__}")
    return model


def apply(
    graphdef: Any, params: Params, model_state: PyTree, *inputs: Any, train: bool = True
) -> tuple[Any, PyTree]:
    """Call a model as a pure function of its trees.

    Args:
        graphdef: static graph from `functional`.
        params: parameters of the same structure.
        model_state: remaining state of the same structure.
        *inputs: arguments of the model's `__call__`.
        train: True to drop units, normalise by the batch and advance the state; False to use
            all units and the running moments, which leaves the state as it is.

    Returns:
        (outputs, next_model_state).

    Example:
        >>> import jax.numpy as jnp
        >>> from flax import nnx
        >>> graphdef, params, model_state = functional(nnx.Dropout(0.5, rngs=nnx.Rngs(0)))
        >>> _, model_state = apply(graphdef, params, model_state, jnp.ones(3))
        >>> outputs, model_state = apply(
        ...     graphdef, params, model_state, jnp.ones(3), train=False
        ... )
        >>> outputs.tolist(), int(model_state["rngs"]["count"])
        ([1.0, 1.0, 1.0], 1)
    """
    model = nnx.merge(graphdef, params, model_state)
    if train:
        model.train()
    else:
        model.eval()
    outputs = model(*inputs)
    return outputs, _plain(nnx.state(model, nnx.Not(nnx.Param)))


def _trees(model: nnx.Module) -> tuple[Params, PyTree]:
    _, *states = nnx.split(model, nnx.Param, ...)
    params, model_state = map(_plain, states)
    return params, model_state


def _plain(state: Any) -> PyTree:
    """Nested dicts of arrays: variables would alias the model and remember a trace level."""
    return nnx.to_pure_dict(state)
