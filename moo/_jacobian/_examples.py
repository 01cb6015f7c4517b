"""A batched loss function read as one of a single example."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from moo._jacobian._checks import argument_masks, check_losses
from moo._types import Array, Objectives, PyTree


@dataclasses.dataclass(frozen=True)
class Examples:
    """Arguments as flat leaves, and which of them have a leading axis of n examples."""

    leaves: list[Array]
    tree: Any
    batched: list[bool]
    count: int

    @property
    def axes(self) -> list[int | None]:
        """The mapped axis of each leaf."""
        return [0 if batched else None for batched in self.batched]

    @property
    def single(self) -> list[Array]:
        """Each leaf of the first example."""
        pairs = zip(self.leaves, self.batched, strict=True)
        return [leaf[0] if batched else leaf for leaf, batched in pairs]

    def loss(self, fn: Objectives, params: PyTree, leaves: Sequence[Array]) -> Array:
        """Evaluate the loss of one example, whose leaves lack the leading axis."""
        pairs = zip(leaves, self.batched, strict=True)
        batch = [leaf[None] if batched else leaf for leaf, batched in pairs]
        losses = check_losses(fn(params, *jax.tree.unflatten(self.tree, batch)), False)
        if losses.shape != (1,):
            raise ValueError(
                f"fn must return one loss an example, but returned shape {losses.shape} for a "
                "batch of one: give losses of shape (n,), and mark with batched= which arguments "
                "have the batch's axis"
            )
        return losses[0]


def read_examples(args: Sequence[Any], batched: Sequence[Any] | None) -> Examples:
    """Check which leaves of the arguments hold the batch, and its size.

    Raises:
        TypeError: if `batched` is no sequence of trees of bools.
        ValueError: if it is of another length, or batched leaves differ in their leading axis.
    """
    masks = argument_masks(args, [True] * len(args) if batched is None else batched)
    leaves, tree = jax.tree.flatten(tuple(args))
    arrays = [jnp.asarray(leaf) for leaf in leaves]
    flags = jax.tree.leaves(masks)
    shapes = [leaf.shape[:1] for leaf, batched in zip(arrays, flags, strict=True) if batched]
    if len(set(shapes)) != 1 or shapes[0] in ((), (0,)):
        raise ValueError(
            f"batched leaves must share one leading axis n >= 1, got {sorted(set(shapes))}: mark "
            "arguments without the batch's axis False in batched="
        )
    return Examples(arrays, tree, flags, shapes[0][0])
