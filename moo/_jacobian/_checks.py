"""Checks at trace time: every wrong shape, dtype or structure says what came and what to do."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np

from moo._types import Array, Engine, GramKind, Heads, Params, PyTree


def check_params(params: Params, name: str = "params") -> None:
    """Refuse a pytree whose leaves are not all real floating-point arrays.

    Raises:
        TypeError: if a leaf is of another dtype.
        ValueError: if there is no leaf.
    """
    leaves = jax.tree_util.tree_leaves_with_path(params)
    if not leaves:
        raise ValueError(f"{name} has no leaf: give a pytree with at least one float array")
    for path, leaf in leaves:
        dtype = getattr(leaf, "dtype", None)
        if dtype is None and isinstance(leaf, float):
            continue
        if dtype is None or not jnp.issubdtype(dtype, jnp.floating):
            came = dtype if dtype is not None else type(leaf).__name__
            raise TypeError(
                f"{name}{jax.tree_util.keystr(path)} has dtype {came}, but gradients need real "
                "floating-point leaves: keep other leaves in a separate argument of the objectives"
            )


def check_like(params: Params, own: Params) -> None:
    """Refuse another point whose structure or shapes are not those of the parameters.

    Raises:
        ValueError: if they differ.
    """
    found, wanted = str(jax.tree.structure(params)), str(jax.tree.structure(own))
    if found != wanted:
        raise ValueError(f"params must be a pytree like the first ones, {wanted}, got {found}")
    pairs = zip(jax.tree_util.tree_leaves_with_path(params), jax.tree.leaves(own), strict=True)
    for (path, leaf), like in pairs:
        if jnp.shape(leaf) != jnp.shape(like):
            raise ValueError(
                f"params{jax.tree_util.keystr(path)} must have shape {jnp.shape(like)} as in the "
                f"first ones, got {jnp.shape(leaf)}"
            )


def check_losses(losses: Any, has_aux: bool) -> Array:
    """Return the losses if they are one float array of shape (m,), else say what is wrong."""
    if not hasattr(losses, "ndim"):
        pair = isinstance(losses, tuple) and len(losses) == 2 and not has_aux
        hint = ", or pass has_aux=True if the second entry is auxiliary" if pair else ""
        raise TypeError(
            "the objectives must return one array of losses, shape (m,), got a "
            f"{type(losses).__name__}: stack them with jnp.stack{hint}"
        )
    if losses.ndim != 1 or losses.shape[0] == 0:
        raise ValueError(
            "the objectives must return losses of shape (m,) with m >= 1, got shape "
            f"{losses.shape}: reduce each objective to a scalar and stack them with jnp.stack"
        )
    if not jnp.issubdtype(losses.dtype, jnp.floating) or jnp.finfo(losses.dtype).bits < 32:
        raise TypeError(
            f"the losses have dtype {losses.dtype}, but weights on them need at least float32: "
            "compute the losses in float32, as with logits.astype(jnp.float32)"
        )
    return losses


def check_choice(name: str, value: object, choices: type[Any] | Any) -> None:
    """Refuse a value that is none of a Literal's."""
    if value not in get_args(choices):
        raise ValueError(f"{name} must be one of {', '.join(get_args(choices))}, got {value!r}")


def check_options(engine: Engine, gram: GramKind, heads: Heads, params: Params) -> None:
    """Check the options of a Jacobian that are plain strings."""
    check_choice("engine", engine, Engine)
    check_choice("gram", gram, GramKind)
    check_choice("heads", heads, Heads)
    narrow = [x for x in jax.tree.leaves(params) if jnp.finfo(jnp.result_type(x)).bits < 32]
    if gram == "jvp" and narrow:
        raise TypeError(
            f"gram='jvp' pushes tangents of the parameters' dtype, got {narrow[0].dtype}: use "
            "gram='rows' with parameters below float32"
        )


def check_memory(memory: Any) -> None:
    """Refuse a budget that is no number of bytes."""
    if isinstance(memory, bool) or not isinstance(memory, int | np.integer) or memory < 0:
        raise ValueError(f"memory must be an int of at least 0, in bytes, got {memory!r}")


def bool_mask(name: str, prefix: PyTree, tree: PyTree, of: str) -> PyTree:
    """Broadcast a tree prefix of Python bools to one bool a leaf."""
    try:
        mask = jax.tree.broadcast(prefix, tree)
    except ValueError as error:
        raise ValueError(f"{name} must be a tree prefix of {of}: {error}") from error
    kinds = {type(leaf).__name__ for leaf in jax.tree.leaves(mask)}
    if not kinds <= {"bool"}:
        raise TypeError(f"{name} must hold Python bools, got {', '.join(sorted(kinds))}")
    return mask


def argument_masks(args: Sequence[Any], batched: Sequence[Any]) -> tuple[PyTree, ...]:
    """Broadcast `batched`, a bool prefix for each argument, to one bool a leaf."""
    if not isinstance(batched, tuple | list):
        raise TypeError(
            "batched must be a tuple with one tree of bools for each argument, got "
            f"{type(batched).__name__}"
        )
    if len(batched) != len(args):
        raise ValueError(
            f"batched must have {len(args)} entries, one an argument, got {len(batched)}"
        )
    pairs = enumerate(zip(batched, args, strict=True))
    return tuple(bool_mask(f"batched[{i}]", mask, arg, "its argument") for i, (mask, arg) in pairs)


def shared_mask(shared: Any, params: Params) -> PyTree:
    """Broadcast `shared`, a bool prefix or a callable of params, to one bool a leaf."""
    if shared is None:
        return jax.tree.map(lambda _: True, params)
    prefix = shared(params) if callable(shared) else shared
    mask = bool_mask("shared", prefix, params, "params")
    if not any(jax.tree.leaves(mask)):
        raise ValueError("shared selects no leaf of params: the Gramian needs at least one")
    return mask


def active_of(
    active: Array | Callable[..., Array] | None, args: Sequence[Any], num_objectives: int
) -> Array | None:
    """Evaluate `active`, an (m,) mask or a callable of the arguments, and check it."""
    mask = active(*args) if callable(active) else active
    if mask is None:
        return None
    mask = jnp.asarray(mask)
    if mask.shape != (num_objectives,) or mask.dtype != bool:
        raise ValueError(
            f"active must be a bool mask of shape ({num_objectives},), got {mask.dtype} of shape "
            f"{mask.shape}"
        )
    return mask


def check_weights(weights: Any, num_objectives: int) -> Array:
    """Return the weights as an array of shape (m,)."""
    weights = jnp.asarray(weights)
    if weights.shape != (num_objectives,):
        raise ValueError(f"weights must have shape ({num_objectives},), got {weights.shape}")
    return weights
