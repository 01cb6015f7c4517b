"""The rows of a table that a batch reads: taking them out, and putting them back."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

from moo._types import Array, Params, PyTree


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class TableRows:
    """The distinct rows of one embedding table that a batch reads.

    Attributes:
        ids: shape (u,), int32, ascending: the rows, then `num_rows` in places left over.
        counts: shape (u,), int32: how often the batch reads each row; 0 in places left over.
        num_rows: the number V of rows of the full table; never equal to u.
    """

    ids: Array
    counts: Array
    num_rows: int = dataclasses.field(metadata={"static": True})

    @property
    def used(self) -> Array:
        """Which places hold a row, shape (u,), bool."""
        return self.ids < self.num_rows

    def take(self, table: Array) -> Array:
        """Return the rows of a table (V, ...), shape (u, ...); 0 in places left over."""
        return table.at[self.ids].get(mode="fill", fill_value=0, indices_are_sorted=True)

    def put(self, table: Array, small: Array) -> Array:
        """Return the table (V, ...) with these rows (u, ...) in their places."""
        return table.at[self.ids].set(small, mode="drop", indices_are_sorted=True)

    def add(self, table: Array, small: Array) -> Array:
        """Return the table (V, ...) with these rows (u, ...) added."""
        small = small.astype(table.dtype)
        return table.at[self.ids].add(small, mode="drop", indices_are_sorted=True)

    def mask(self, small: Array, value: Array | int = 0) -> Array:
        """Return the rows (u, ...) with a value in places left over."""
        return jnp.where(self.used.reshape((-1,) + (1,) * (small.ndim - 1)), small, value)


Rows: TypeAlias = Mapping[str, TableRows]


def leaf_name(path: tuple[Any, ...]) -> str:
    """Return a leaf's path with dots, such as `emb.user`."""
    return jax.tree_util.keystr(path, simple=True, separator=".")


def leaves_by_name(tree: PyTree) -> dict[str, Any]:
    """Return the leaves of a tree by their paths with dots."""
    return {leaf_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}


def map_tables(
    fn: Callable[..., Any],
    otherwise: Callable[..., Any],
    rows: Mapping[str, Any],
    tree: Params,
    *rest: PyTree,
) -> PyTree:
    """Map `fn(rows[table], leaf, ...)` over the tables, and `otherwise(leaf, ...)` elsewhere."""

    def one(path: tuple[Any, ...], *leaves: Any) -> Any:
        own = rows.get(leaf_name(path))
        return otherwise(*leaves) if own is None else fn(own, *leaves)

    return jax.tree_util.tree_map_with_path(one, tree, *rest)
