"""The mean of local aggregates: each device aggregates the gradients of its own rows."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from moo._jacobian import AutodiffJacobian, Jacobian
from moo._types import Array, Params, PyTree, is_typed_key, solver_dtype
from moo.aggregators._base import Aggregator, SetAggregator, expect_jacobian
from moo.aggregators._state import find
from moo.parallel._place import check_axis


class LocalState(NamedTuple):
    """The worst certificate of all devices, and the state of each."""

    residual: Array  # ()
    converged: Array  # (), bool
    inner: PyTree  # every leaf with a leading axis of devices, spread over them


def local_aggregates(aggregator: Aggregator, mesh: Mesh, *, axis: str = "data") -> Aggregator:
    r"""Aggregate on each device the gradients of its own rows, and take the mean of the results.

    $v = \frac{1}{n} \sum_k A(J_k)$, where device k holds the rows of $J_k$ and the Jacobian of the
    whole batch is the mean $J = \frac{1}{n} \sum_k J_k$. It moves one vector of d entries between
    devices, where $A(J)$ moves m of them.

    **It is another method**, unless the weights are constant. Without `local_aggregates`, moo
    computes $A(J)$: the same whatever the number of devices. Weights of a part follow the noise of
    that part, so $v$ depends on how many devices there are, and a property of A on $J_k$ need not
    hold of $v$ on $J$: gradients $(1, 1)$ on one device and $(-3, 1)$ on another have MGDA step by
    1 and by 0; the mean step of 1/2 raises the first loss, while $A(J)$ of the mean gradients
    $(-1, 1)$ stays. It is what comes of workers that each run a method on their own batch and then
    average their updates.

    Args:
        aggregator: any aggregator of one solution that comes first in its chain.
        mesh: the mesh over whose devices the batch is spread.
        axis: the axis of the mesh that shares out the rows of the batch.

    Returns:
        An aggregator that is not linear; the `weights` in its state have shape (n, m). Use it under
        `jit` with a Jacobian that knows its batch, `batched=` of `moo.jacobian`, and objectives
        that are means over rows and hold no collective. Typed keys, in its state and among the
        arguments, are folded with the number of the device. Extra arguments of `update` are the
        same on every device. `update` needs `params`.

    Raises:
        TypeError: if `aggregator` is no `moo.Aggregator`.
        ValueError: if it returns a set or wraps the chain, or the mesh has no such axis; in
            `update`, if the Jacobian does not know its batch, or devices cannot share it evenly.

    Example:
        >>> import jax, jax.numpy as jnp, moo, optax
        >>> mesh = jax.sharding.Mesh(jax.devices()[:1], ("data",))
        >>> tx = optax.chain(moo.parallel.local_aggregates(moo.mgda(2), mesh), optax.sgd(1.0))
        >>> losses = lambda x, rows: (rows * x).mean(axis=0)  # gradients: the means of two columns
        >>> step = jax.jit(moo.make_step(losses, tx, batched=(True,)))
        >>> x, state, record = step(jnp.zeros(()), tx.init(jnp.zeros(())), jnp.ones((4, 2)))
        >>> float(x), record.weights.shape
        (-1.0, (1, 2))
    """
    _expect_single(aggregator)
    check_axis(mesh, axis)
    m, n = aggregator.num_objectives, mesh.shape[axis]

    def init(params: Params) -> LocalState:
        spread = NamedSharding(mesh, P(axis))
        inner = jax.tree.map(lambda leaf: jax.device_put(_repeated(leaf, n), spread),
                             aggregator.init(params))  # fmt: skip
        return LocalState(jnp.zeros((), solver_dtype(params)), jnp.ones((), bool), inner)

    def update(
        jac: Jacobian, state: LocalState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, LocalState]:
        expect_jacobian(jac, m)
        whole = _expect_batch(jac, params)
        args, masks = whole.arguments(n, f"the axis {axis!r} of the mesh")

        def local(params: Params, inner: PyTree, args: Any) -> tuple[PyTree, PyTree]:
            own = whole.on(params, jax.tree.map(_folded(axis), args, masks))
            near = jax.tree.map(lambda leaf: leaf[0], inner)
            updates, near = aggregator.update(own, near, params, **extra)
            return _mean(updates, axis), jax.tree.map(lambda leaf: leaf[None], near)

        rows = jax.tree.map(lambda batched: P(axis) if batched else P(), masks)
        # Types that vary by device would sum the gradients over the axis before they are used.
        updates, inner = jax.shard_map(
            local, mesh=mesh, in_specs=(P(), P(axis), rows), out_specs=(P(), P(axis)),
            axis_names={axis}, check_vma=False,
        )(params, state.inner, args)  # fmt: skip
        return updates, _certified(inner, state)

    return Aggregator(init, update, num_objectives=m, linear=False)


def _repeated(leaf: Array, n: int) -> Array:
    """Return n copies along a new leading axis; of a typed key, n keys."""
    if is_typed_key(leaf):
        return jax.random.split(leaf, n)
    return jnp.broadcast_to(leaf, (n, *jnp.shape(leaf)))


def _folded(axis: str) -> Any:
    """Return what gives each device a key of its own, as `split` does for parts."""

    def fold(leaf: Any, batched: bool) -> Any:
        fresh = is_typed_key(leaf) and not batched
        return jax.random.fold_in(leaf, lax.axis_index(axis)) if fresh else leaf

    return fold


def _mean(updates: PyTree, axis: str) -> PyTree:
    """Return the mean over the devices, in at least float32: narrow sums round at each addition."""

    def one(leaf: Array) -> Array:
        wide = leaf.astype(jnp.promote_types(leaf.dtype, jnp.float32))
        return lax.pmean(wide, axis).astype(leaf.dtype)

    return jax.tree.map(one, updates)


def _certified(inner: PyTree, state: LocalState) -> LocalState:
    residual, converged = find(inner, "residual"), find(inner, "converged")
    return LocalState(
        state.residual if residual is None else residual.max().astype(state.residual.dtype),
        state.converged if converged is None else converged.all(),
        inner,
    )


def _expect_single(aggregator: Any) -> None:
    if not isinstance(aggregator, Aggregator):
        raise TypeError(
            f"local_aggregates wraps a moo.Aggregator, got {type(aggregator).__name__}: put it "
            "inside the chain, directly around the aggregator"
        )
    if isinstance(aggregator, SetAggregator) or aggregator.placement != "first":
        raise ValueError(
            "local_aggregates wraps an aggregator of one solution that comes first in its chain: "
            "this one returns a set, or holds the rest of the chain itself"
        )


def _expect_batch(jac: Jacobian, params: Params) -> AutodiffJacobian:
    if not isinstance(jac, AutodiffJacobian):
        raise ValueError(
            f"local_aggregates needs the objectives and their batch, which a {type(jac).__name__} "
            "does not hold: build it with moo.jacobian(..., batched=...)"
        )
    if params is None:
        raise ValueError("params is missing: local_aggregates needs update(jac, state, params)")
    return jac
