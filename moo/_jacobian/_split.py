"""Independent sub-batches of the same arguments."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from moo._jacobian._checks import argument_masks
from moo._types import PyTree, is_typed_key


def parts(args: Sequence[Any], batched: Sequence[Any] | None, k: int) -> list[tuple[Any, ...]]:
    """Return k versions of the arguments, each with every k-th row of the batched leaves.

    Strided parts keep a sharded batch where it is. Typed keys in leaves that are not batched are
    folded with the part's index, so that the parts' noise is independent.

    Args:
        args: the objectives' arguments after params.
        batched: one tree prefix of bools for each argument.
        k: number of parts.

    Raises:
        TypeError: if `batched` is no sequence of trees of bools.
        ValueError: if `batched` is missing or of another length, or k does not divide the batch.
    """
    masks = batch_masks(args, batched, k)
    return [
        tuple(_part(arg, mask, i, k) for arg, mask in zip(args, masks, strict=True))
        for i in range(k)
    ]


def batch_masks(
    args: Sequence[Any], batched: Sequence[Any] | None, k: int, name: str = "k"
) -> tuple[PyTree, ...]:
    """Return one tree of bools for each argument, after checking that k divides the batch.

    Args:
        args: the objectives' arguments after params.
        batched: one tree prefix of bools for each argument.
        k: number of parts.
        name: what the number is called in the error.

    Raises:
        TypeError: if `batched` is no sequence of trees of bools.
        ValueError: if `batched` is missing or of another length, or k does not divide the batch.
    """
    if batched is None:
        raise ValueError(
            "batched is missing: split must know which arguments have a batch axis; give "
            "batched=, one tree of bools for each argument after params"
        )
    masks = argument_masks(args, batched)
    _check_divides(args, masks, k, name)
    return masks


def _check_divides(args: Sequence[Any], masks: Sequence[PyTree], k: int, name: str) -> None:
    leaves = zip(jax.tree.leaves(tuple(args)), jax.tree.leaves(tuple(masks)), strict=True)
    shapes = [jnp.shape(leaf) for leaf, is_batched in leaves if is_batched]
    if () in shapes:
        raise ValueError("batched marks a scalar, which has no batch axis: mark it False")
    sizes = {shape[0] for shape in shapes}
    if len(sizes) != 1:
        found = sorted(sizes) or "none"
        raise ValueError(f"batched leaves must share one batch size, got {found}")
    (size,) = sizes
    if k < 1 or size % k:
        raise ValueError(f"{name} must divide the batch size {size}, got {k}")


def _part(arg: Any, mask: PyTree, index: int, k: int) -> Any:
    def one(leaf: Any, is_batched: bool) -> Any:
        if is_batched:
            return leaf[index::k]
        return jax.random.fold_in(leaf, index) if is_typed_key(leaf) else leaf

    return jax.tree.map(one, arg, mask)
