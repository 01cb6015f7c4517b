"""Arrays on a mesh of devices: a batch by its rows, parameters whole or by theirs."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from moo._names import find_name
from moo._types import PyTree


def shard_batch(batch: PyTree, mesh: Mesh, *, axis: str = "data") -> PyTree:
    """Spread the rows of a batch over the devices of a mesh.

    Args:
        batch: pytree of arrays whose first axis is the batch. With several processes
            (`jax.distributed`) each gives the rows of its own devices, as many as every other.
        mesh: the mesh, such as `jax.make_mesh((jax.device_count(),), ("data",))`.
        axis: the axis of the mesh that shares out the rows.

    Returns:
        The batch as global arrays: all rows of all processes.

    Raises:
        ValueError: if the mesh has no such axis, or rows cannot be shared out evenly.

    Example:
        >>> import jax, numpy as np, moo
        >>> mesh = jax.sharding.Mesh(jax.devices()[:1], ("data",))
        >>> tuple(moo.parallel.shard_batch({"x": np.ones((4, 2))}, mesh)["x"].sharding.spec)
        ('data',)
    """
    check_axis(mesh, axis)
    sharding, parts = NamedSharding(mesh, P(axis)), mesh.local_mesh.shape[axis]

    def spread(path: tuple[Any, ...], leaf: Any) -> jax.Array:
        _expect_divides("batch", path, np.shape(leaf), parts)
        return jax.make_array_from_process_local_data(sharding, np.asarray(leaf))

    return jax.tree_util.tree_map_with_path(spread, batch)


def place(tree: PyTree, mesh: Mesh, *, rows: Sequence[str] = (), axis: str = "data") -> PyTree:
    """Put parameters or optimizer state on a mesh: large tables by rows, all else whole.

    Args:
        tree: pytree of arrays, the same in every process. A leaf that is on the mesh already
            stays as it is, such as the moments of parameters that were placed before.
        mesh: the mesh.
        rows: paths of leaves with dots, such as `"emb.user"`, whose first axis is shared out over
            the devices; a copy of every other leaf goes to each device.
        axis: the axis of the mesh that shares out those rows.

    Returns:
        The tree as arrays on the mesh. A table too large for one place is better made there, by
        `jax.jit(make, out_shardings=NamedSharding(mesh, PartitionSpec(axis)))()`.

    Raises:
        ValueError: if the mesh has no such axis, a path is unknown, or rows cannot be shared out
            evenly.

    Example:
        >>> import jax, jax.numpy as jnp, moo, optax
        >>> mesh = jax.sharding.Mesh(jax.devices()[:1], ("data",))
        >>> params = {"emb": {"user": jnp.zeros((8, 2))}, "bias": jnp.zeros(2)}
        >>> params = moo.parallel.place(params, mesh, rows=("emb.user",))
        >>> state = moo.parallel.place(optax.adam(0.1).init(params), mesh)
        >>> tuple(state[0].mu["emb"]["user"].sharding.spec)
        ('data',)
    """
    check_axis(mesh, axis)
    paths = {_name(path): None for path, _ in jax.tree_util.tree_leaves_with_path(tree)}
    for name in rows:
        find_name("leaf", name, paths)

    def put(path: tuple[Any, ...], leaf: Any) -> jax.Array:
        if _name(path) in rows:
            _expect_divides("tree", path, np.shape(leaf), mesh.shape[axis])
            return jax.device_put(leaf, NamedSharding(mesh, P(axis)))
        return leaf if _on(mesh, leaf) else jax.device_put(leaf, NamedSharding(mesh, P()))

    return jax.tree_util.tree_map_with_path(put, tree)


def check_axis(mesh: Mesh, axis: str) -> None:
    """Refuse an axis that the mesh does not have."""
    find_name("axis of the mesh", axis, dict(mesh.shape))


def _name(path: tuple[Any, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")


def _on(mesh: Mesh, leaf: Any) -> bool:
    sharding = getattr(leaf, "sharding", None)
    return isinstance(sharding, NamedSharding) and sharding.mesh == mesh


def _expect_divides(
    argument: str, path: tuple[Any, ...], shape: tuple[int, ...], parts: int
) -> None:
    if not shape or shape[0] % parts:
        raise ValueError(
            f"{argument}: {_name(path) or 'the leaf'!r} must have a first axis that {parts} "
            f"devices share evenly, got shape {shape}: pad it to a multiple of {parts}"
        )
