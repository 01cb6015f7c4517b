"""The border to flax: a model as a graph, a tree of parameters and a tree of other state."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from moo._types import Params, PyTree


def functional(model: nnx.Module) -> tuple[Any, Params, PyTree]:
    """Split a model into its static graph, its parameters and its remaining state.

    The trees are nested dicts of copied arrays: nothing is shared with `model`, so they may be
    donated, carried through `scan` or stacked over seeds. The remaining state holds what
    batch norm and dropout keep (running moments; keys and counters).

    Args:
        model: an `nnx` module.

    Returns:
        (graphdef, params, model_state); graphdef is hashable and holds no array.

    Raises:
        TypeError: if `model` is no `nnx.Module`.

    Example:
        >>> from flax import nnx
        >>> graphdef, params, model_state = functional(nnx.Linear(2, 3, rngs=nnx.Rngs(0)))
        >>> {name: leaf.shape for name, leaf in params.items()}, model_state
        ({'bias': (3,), 'kernel': (2, 3)}, {})
    """
    if not isinstance(model, nnx.Module):
        raise TypeError(f"model must be a flax nnx.Module, got {type(model).__name__}")
    graphdef, *states = nnx.split(model, nnx.Param, ...)
    params, model_state = (jax.tree.map(jnp.copy, _plain(state)) for state in states)
    return graphdef, params, model_state


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


def _plain(state: Any) -> PyTree:
    """Nested dicts of arrays: variables would alias the model and remember a trace level."""
    return nnx.to_pure_dict(state)
