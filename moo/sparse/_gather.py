"""Small tables in place of large ones: what a batch reads, and the way back."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import optax

from moo._jacobian import check_params
from moo._names import find_name
from moo._types import Array, Params, PyTree
from moo.sparse._ids import check_ids, check_padding, locate
from moo.sparse._rows import Rows, TableRows, leaves_by_name, map_tables

Tables = Mapping[str, str | Sequence[str]]


def gather(
    params: Params, batch: Mapping[str, Any], *, tables: Tables, padding: int | None = None
) -> tuple[Params, dict[str, Any], dict[str, TableRows]]:
    r"""Replace each embedding table by the rows that a batch reads, and ids by places in them.

    $E \to E_I$ with $I$ the distinct ids of the batch: `small_table[place] == table[id]`, so the
    objectives are unchanged, their gradients are those of the full tables without the zero rows,
    and so are their Gramians. Shapes depend on the number of ids alone, so a jitted step compiles
    once.

    Args:
        params: pytree of floating-point arrays.
        batch: field -> array, a mapping.
        tables: a table's path in `params` with dots, such as `"emb.user"`, -> the field of `batch`
            with its ids, or several fields; integers of any shape. The first axis of a table,
            shape (V, ...) with V >= 2, is its rows. Tables may share fields if they share all of
            them and V.
        padding: a negative id that reads no row and stays as it is in the batch, for objectives
            that mask it themselves, as `moo.models` does with -1. None: every id must be a row's.

    Returns:
        (small, batch, rows): `params` with small tables (u, ...), where u is one more than the
            number of ids and at most V + 1; the batch with places for ids; and `rows`, table ->
            `TableRows`.

    Raises:
        TypeError: if ids are no integers, `batch` or `tables` is no mapping, or a field is no
            name.
        ValueError: if a path or a field is unknown, fields are shared in part, a table has no
            second row, or an id is outside [0, V). Ids that are traced cannot be looked at: one
            outside reads NaN, so that the losses are NaN, and touches no row of the table.

    Every field that reads a table must be named, and a table may be read in no other way, such as
    a product with all of its rows. `objectives(small, batch)` against `objectives(params, batch)`
    with the batch as it was, once, shows whether that is so.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> params = {"emb": {"user": jnp.arange(20.0).reshape(10, 2)}, "bias": jnp.zeros(2)}
        >>> batch = {"user_id": jnp.array([7, 3, 7])}
        >>> small, batch, rows = moo.sparse.gather(params, batch, tables={"emb.user": "user_id"})
        >>> batch["user_id"].tolist(), rows["emb.user"].ids.tolist()
        ([1, 0, 1], [3, 7, 10, 10])
        >>> small["emb"]["user"].tolist()
        [[6.0, 7.0], [14.0, 15.0], [0.0, 0.0], [0.0, 0.0]]

    Source: sparse gradients of embeddings as in TensorFlow's `IndexedSlices`; here as a dense
    problem of static shape, for any aggregator that keeps nothing of the tables' shapes.
    """
    check_padding(padding)
    check_params(params)
    found: dict[str, tuple[TableRows, Array]] = {}
    batch = dict(_mapping("batch", batch, "fields to arrays"))
    for fields, names, num_rows in _groups(params, tables):
        ids = {name: _field(batch, name, num_rows, padding) for name in fields}
        own, places, outside = locate(ids, num_rows, padding)
        batch.update(places)
        found.update(dict.fromkeys(names, (own, outside)))
    small = map_tables(_read, lambda leaf: leaf, found, params)
    return small, batch, {name: own for name, (own, _) in found.items()}


def apply_updates(params: Params, updates: PyTree, rows: Rows) -> Params:
    """Add updates of small tables to their rows of the full ones, and other updates as optax does.

    Args:
        params: the full parameters; donate them, and their tables are written in place.
        updates: like `small` of `gather`.
        rows: from `gather`.

    Returns:
        The full parameters, updated.

    Raises:
        ValueError: if updates of a table have not the shape of its small one.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> table = {"emb": jnp.zeros((4, 1))}
        >>> _, _, rows = moo.sparse.gather(table, {"id": jnp.array([2, 2])}, tables={"emb": "id"})
        >>> updates = {"emb": jnp.array([[0.5], [9.0], [9.0]])}  # one row, two places left over
        >>> moo.sparse.apply_updates(table, updates, rows)["emb"].ravel().tolist()
        [0.0, 0.0, 0.5, 0.0]
    """

    def add(own: TableRows, table: Array, small: Array) -> Array:
        if jnp.shape(small) != (*own.ids.shape, *jnp.shape(table)[1:]):
            raise ValueError(
                f"updates of a table {jnp.shape(table)} must have shape "
                f"{(*own.ids.shape, *jnp.shape(table)[1:])} as its small one, got "
                f"{jnp.shape(small)}: update with the small parameters of moo.sparse.gather"
            )
        return own.add(table, small)

    return map_tables(add, optax.apply_updates, rows, params, updates)


def merge(params: Params, small: Params, rows: Rows) -> Params:
    """Put small tables back into the full ones; take every other leaf of `small`."""
    return map_tables(TableRows.put, lambda old, new: new, rows, params, small)


def _read(found: tuple[TableRows, Array], table: Array) -> Array:
    """Return the rows read; NaN in places left over if an id outside of the table reads them."""
    own, outside = found
    return own.mask(own.take(table), jnp.where(outside, jnp.nan, 0).astype(table.dtype))


def _groups(params: Params, tables: Tables) -> list[tuple[tuple[str, ...], list[str], int]]:
    """Return (fields, tables, V) for tables that share their fields, checked."""
    leaves = leaves_by_name(params)
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, fields in _mapping("tables", tables, "paths to fields").items():
        find_name("table", name, leaves)
        groups.setdefault(_listed(name, fields), []).append(name)
    readers: dict[str, str] = {}
    for fields, names in groups.items():
        for field in fields:
            _expect_apart(field, names[0], readers.setdefault(field, names[0]))
    return [(group, names, _num_rows(names, leaves)) for group, names in groups.items()]


def _mapping(name: str, given: Any, content: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping of {content}, got {type(given).__name__}")
    return given


def _listed(name: str, fields: Any) -> tuple[str, ...]:
    """Return the fields that read a table, each once, in one order."""
    listed = (fields,) if isinstance(fields, str) else fields
    if not isinstance(listed, Collection) or not all(isinstance(one, str) for one in listed):
        raise TypeError(
            f"tables: {name!r} must be read by a field of the batch, or several, as names, got "
            f"{fields!r}: give a str or a list of them"
        )
    if not listed:
        raise ValueError(f"tables: {name!r} names no field of the batch: give at least one")
    return tuple(sorted(set(listed)))


def _expect_apart(field: str, name: str, other: str) -> None:
    if name != other:
        raise ValueError(
            f"tables: {field!r} is read by {other!r} and {name!r}, whose other fields differ, so "
            "an id would have two places: name the same fields for both"
        )


def _num_rows(names: Sequence[str], leaves: Mapping[str, Any]) -> int:
    shapes = {name: jnp.shape(leaves[name]) for name in names}
    for name, shape in shapes.items():
        if not shape or shape[0] < 2:
            raise ValueError(
                f"tables: {name!r} must have at least 2 rows along its first axis, got shape "
                f"{shape}: leave it out of tables, as it is small"
            )
    lengths = {shape[0] for shape in shapes.values()}
    if len(lengths) > 1:
        raise ValueError(f"tables that share fields must have as many rows each, got {shapes}")
    return int(lengths.pop())


def _field(batch: Mapping[str, Any], name: str, num_rows: int, padding: int | None) -> Array:
    return check_ids(name, find_name("batch field", name, batch), num_rows, padding)
