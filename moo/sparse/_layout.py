"""Which leaves of an optimizer's state hold a row for each row of a table: asked of `init`.

The state is built abstractly for a table that is one row longer. What grows with it belongs to its
rows, whatever the leaf is called and however deep it lies.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

import jax
import jax.numpy as jnp

from moo._types import Params, PyTree
from moo.sparse._rows import Rows, TableRows, leaf_name, leaves_by_name, map_tables

Init: TypeAlias = Callable[[Params], PyTree]
Leaf: TypeAlias = tuple[str, tuple[int, ...]]


def tables_of_state(init: Init, small: Params, rows: Rows, state: PyTree) -> list[str | None]:
    """Return for each leaf of `state` the table whose rows it follows, or None.

    Raises:
        ValueError: if `state` is not that of the full tables, or a leaf follows a table otherwise
            than row by row.
    """
    full = _full_shapes(small, rows)
    # Under optax.partition and masked, only some tables are here.
    rows = {name: rows[name] for name in rows if name in leaves_by_name(full)}
    shapes = _leaves(init, full)
    _expect_state(state, shapes)
    owners: list[str | None] = [None] * len(shapes)
    for name, own in rows.items():
        for i, (path, grown) in enumerate(_leaves(init, _longer(full, name, 0))):
            shape = shapes[i][1]
            if grown == shape:
                continue
            if owners[i] or (shape[:1], grown) != ((own.num_rows,), (shape[0] + 1, *shape[1:])):
                _refuse_leaf(path, shape, name)
            owners[i] = name
        _expect_whole_rows(init, full, name, shapes, owners)
    return owners


def expect_rows_inside(init: Init, small: Params, rows: Rows, inside: type) -> None:
    """Refuse state that grows with a table and lies outside of nodes of type `inside`.

    Raises:
        ValueError: if there is some.
    """
    full = _full_shapes(small, rows)
    shapes = _leaves(init, full, inside)
    for name in rows:
        grown = _leaves(init, _longer(full, name, 0), inside)
        for (path, shape), (_, longer) in zip(shapes, grown, strict=True):
            if shape != longer:
                raise ValueError(
                    f"the state of tx holds {path} of shape {shape}, which follows the rows of "
                    f"{name!r} outside of moo.sparse.lazy: put what comes after the aggregator "
                    "into moo.sparse.lazy; an aggregator that tracks gradients itself (moco, "
                    "db_mtl) cannot be right on the rows of one batch"
                )


def _full_shapes(small: Params, rows: Rows) -> PyTree:
    def table(own: TableRows, leaf: Any) -> jax.ShapeDtypeStruct:
        shape = jnp.shape(leaf)
        if shape[:1] != own.ids.shape:
            raise ValueError(
                f"params must be the small ones of moo.sparse.gather, whose table has "
                f"{own.ids.shape[0]} rows, got a table of shape {shape}"
            )
        return jax.ShapeDtypeStruct((own.num_rows, *shape[1:]), jnp.result_type(leaf))

    return map_tables(table, _shape_of, rows, small)


def _shape_of(leaf: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(jnp.shape(leaf), jnp.result_type(leaf))


def _longer(full: PyTree, name: str, axis: int) -> PyTree:
    """Return the shapes with one more entry along an axis of one table."""

    def grow(path: tuple[Any, ...], leaf: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
        if leaf_name(path) != name:
            return leaf
        shape = (*leaf.shape[:axis], leaf.shape[axis] + 1, *leaf.shape[axis + 1 :])
        return jax.ShapeDtypeStruct(shape, leaf.dtype)

    return jax.tree_util.tree_map_with_path(grow, full)


def _leaves(init: Init, params: PyTree, inside: type | None = None) -> list[Leaf]:
    state = jax.eval_shape(init, params)
    stop = None if inside is None else lambda node: isinstance(node, inside)
    found = jax.tree_util.tree_leaves_with_path(state, is_leaf=stop)
    return [(jax.tree_util.keystr(path), getattr(leaf, "shape", ())) for path, leaf in found]


def _expect_state(state: PyTree, shapes: list[Leaf]) -> None:
    found = [jnp.shape(leaf) for leaf in jax.tree.leaves(state)]
    if found != [shape for _, shape in shapes]:
        raise ValueError(
            f"state must be tx.init(params) of the full tables, with leaves {shapes}, got shapes "
            f"{found}"
        )


def _expect_whole_rows(
    init: Init, full: PyTree, name: str, shapes: list[Leaf], owners: list[str | None]
) -> None:
    """Refuse leaves that follow a column of the table but not its rows: factored moments."""
    for axis in range(1, len(leaves_by_name(full)[name].shape)):
        wider = _leaves(init, _longer(full, name, axis))
        for (path, shape), (_, grown), owner in zip(shapes, wider, owners, strict=True):
            if shape != grown and owner != name:
                _refuse_leaf(path, shape, name)


def _refuse_leaf(path: str, shape: tuple[int, ...], name: str) -> NoReturn:
    raise ValueError(
        f"lazy(tx) needs moments with one row for each row of a table, but the state of tx holds "
        f"{path} of shape {shape}, which mixes the rows of {name!r} (a factored moment, a history, "
        "or rows of gradients for each objective): use an element-wise optimizer for this table, "
        "such as optax.adam or moo.sparse.rowwise_adagrad"
    )
