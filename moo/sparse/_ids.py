"""Ids of a batch: what is refused, which are distinct, and their places among the distinct ones."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from moo._concrete import concrete
from moo._types import Array
from moo.sparse._rows import TableRows


def check_padding(padding: Any) -> None:
    """Refuse a padding that is no negative int; None is none."""
    if padding is None:
        return
    if isinstance(padding, bool) or not isinstance(padding, int | np.integer):
        raise TypeError(f"padding must be an int or None, got {type(padding).__name__}")
    if padding >= 0:
        raise ValueError(
            f"padding must be negative, got {padding}: an id of at least 0 reads its row"
        )


def check_ids(name: str, ids: Any, num_rows: int, padding: int | None) -> Array:
    """Return a field's ids as an array of at least 32 bits, after looking at known values."""
    dtype = jnp.result_type(ids) if hasattr(ids, "dtype") else np.asarray(ids).dtype
    if not jnp.issubdtype(dtype, jnp.integer):
        raise TypeError(f"batch[{name!r}] must hold integer ids, got {dtype}")
    known = concrete(ids)
    if known is not None:
        outside = known[(known < 0) | (known >= num_rows)]
        outside = outside if padding is None else outside[outside != padding]
        if outside.size:
            hint = ": give padding= if the objectives mask it" if outside[0] < 0 else ""
            raise ValueError(
                f"batch[{name!r}] must hold ids in [0, {num_rows}), got {outside[0]}{hint}"
            )
    ids = jnp.asarray(ids)
    return ids if ids.dtype.itemsize >= 4 else ids.astype(jnp.int32)


def locate(
    fields: Mapping[str, Array], num_rows: int, padding: int | None
) -> tuple[TableRows, dict[str, Array], Array]:
    """Find the distinct ids of all fields, and each id's place among them.

    Args:
        fields: integer ids of any shape, by field.
        num_rows: rows V of the table.
        padding: a negative id that stays as it is, or None.

    Returns:
        (rows, places, outside); an id outside the table gets a place left over, and `outside`,
        shape (), says whether there is one.
    """
    shapes = [ids.shape for ids in fields.values()]
    valid = {name: (ids >= 0) & (ids < num_rows) for name, ids in fields.items()}
    safe = [jnp.where(valid[name], ids, num_rows) for name, ids in fields.items()]
    flat = jnp.concatenate([ids.astype(jnp.int32).ravel() for ids in safe])
    ids, counts, inverse = _distinct(flat, num_places(flat.size, num_rows), num_rows)
    rows = TableRows(ids, jnp.where(ids < num_rows, counts, 0), num_rows)
    parts = zip(fields, _split(inverse, shapes), strict=True)
    padded = {name: _is_padding(ids, padding) for name, ids in fields.items()}
    places = {name: jnp.where(padded[name], padding or 0, part) for name, part in parts}
    outside = [jnp.any(~(valid[name] | padded[name])) for name in fields]
    return rows, places, jnp.stack(outside).any()


def _distinct(ids: Array, size: int, fill: int) -> tuple[Array, Array, Array]:
    """Return the distinct ids, ascending, their counts, and each id's place among them.

    `jnp.unique` sorts the ids with their positions, which takes several times as long on CPU as
    sorting ids alone and searching each afterwards.
    """
    ordered = jnp.sort(ids)
    place = jnp.cumsum(jnp.diff(ordered, prepend=-1) != 0) - 1
    distinct = jnp.full(size, fill, ids.dtype).at[place].set(ordered, indices_are_sorted=True)
    counts = jnp.zeros(size, jnp.int32).at[place].add(1, indices_are_sorted=True)
    inverse = jnp.searchsorted(distinct, ids, method="scan_unrolled")
    return distinct, counts, inverse.astype(jnp.int32)


def num_places(num_ids: int, num_rows: int) -> int:
    """Return how many rows a small table has: one more than it can need, at least 2, never V.

    Were it V, or 1, state of the full table would combine with rows of the small one in silence;
    so their shapes never fit.
    """
    size = max(num_ids, 1) + 1
    return size if size < num_rows else num_rows + 1


def _is_padding(ids: Array, padding: int | None) -> Array:
    unsigned = jnp.issubdtype(ids.dtype, jnp.unsignedinteger)
    return jnp.zeros(ids.shape, bool) if padding is None or unsigned else ids == padding


def _split(flat: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    parts = jnp.split(flat.ravel(), ends)[:-1]
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
