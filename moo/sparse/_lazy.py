"""Any element-wise optimizer on the rows of a batch alone."""

from typing import Any, NamedTuple

import jax
import optax

from moo._jacobian import Jacobian
from moo._types import Params, PyTree
from moo.aggregators._checks import expect_transformation
from moo.sparse._layout import tables_of_state
from moo.sparse._rows import Rows, TableRows, map_tables

_WHOLE = "it measures whole tables, of which a batch shows only some rows"
_KEPT = "a row that is absent when the sum is spent would lose its share"

# Transformations whose state has a row for each row, and that are wrong on rows none the less.
_REFUSED = {
    "MultiStepsState": _KEPT,
    "ApplyEvery": _KEPT,
    "FactoredState": "its moments are factored and its step is clipped by the size of the table",
    "ScaleBySM3State": "its accumulators are maxima over the rows of the table",
    "MuonState": "it makes the rows of a matrix orthogonal to each other",
    "GaLoreState": "it projects onto a subspace of the whole table",
    "LookaheadState": "it moves all rows at once",
    **dict.fromkeys(
        ("DoGState", "DoWGState", "ProdigyState", "DAdaptAdamWState", "MechanicState",
         "MomoState", "MomoAdamState", "ScaleByDistanceOverGradientsState", "ScaleByLBFGSState"),
        _WHOLE,
    ),
}  # fmt: skip


class LazyState(NamedTuple):
    """State of `lazy`: that of the inner optimizer on the full tables."""

    inner: PyTree


def lazy(tx: optax.GradientTransformation) -> optax.GradientTransformationExtraArgs:
    r"""Run an optimizer on the rows that a batch reads, and leave all other rows as they are.

    $(u, S_I) = \mathrm{tx}(g_I, S_I, E_I)$ with I the rows read; the rows of E and S outside I do
    not change. Step counts, schedules and the state of leaves that are no tables are common to all.

    Against the dense optimizer, with gradient 0 in rows that are not read: equal for methods that
    leave a row without gradient alone (SGD, Adagrad, `rowwise_adagrad`). A row that is not read
    keeps its moments, and is not moved by them, where dense Adam or momentum would decay them
    and go on moving it; weight decay, too, acts only on rows that are read. Adam's correction for
    its start counts steps, not visits to a row.

    Args:
        tx: an optimizer that treats each row by itself: element-wise ones, and clipping by a norm
            of all gradients. It may come in `optax.chain`, `partition`, `masked`,
            `inject_hyperparams`, `apply_if_finite`. Rules without state that use a norm of a whole
            table (`scale_by_trust_ratio`, `adaptive_grad_clip`) cannot be told apart and see only
            the rows read.

    Returns:
        An optimizer with a `LazyState`, after an aggregator in a chain: `init(params)` on the full
        tables, `update(gradients, state, small, rows=rows)` with `small` and `rows` of `gather`.

    Raises:
        TypeError: if `tx` is no optax transformation.
        ValueError: if it cannot be right on rows, such as accumulators (`MultiSteps`) and factored
            moments (`adafactor`, `sm3`); in `update`, without `params` or `rows`, or with the full
            parameters.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = optax.chain(moo.mean(2), moo.sparse.lazy(optax.adam(0.1)))
        >>> params = {"emb": jnp.zeros((5, 1))}
        >>> state = tx.init(params)
        >>> small, batch, rows = moo.sparse.gather(
        ...     params, {"id": jnp.array([3, 3])}, tables={"emb": "id"})
        >>> losses = lambda p, ids: jnp.array([1.0, 3.0]) * jnp.sum(p["emb"][ids])
        >>> jac = moo.jacobian(losses, small, batch["id"])
        >>> updates, state = tx.update(jac, state, small, rows=rows)
        >>> params = moo.sparse.apply_updates(params, updates, rows)
        >>> params["emb"].ravel().round(3).tolist()
        [0.0, 0.0, 0.0, -0.10000000149011612, 0.0]

    Source: `LazyAdam` of TensorFlow Addons and `SparseAdam` of PyTorch, here for any rule.
    """
    expect_transformation(tx, "tx")
    inner = optax.with_extra_args_support(tx)

    def init(params: Params) -> LazyState:
        state = inner.init(params)
        _expect_rowwise(state)
        return LazyState(state)

    def update(
        updates: PyTree, state: LazyState, params: Params = None, *, rows: Any = None, **extra: Any
    ) -> tuple[PyTree, LazyState]:
        _expect_small(params, rows)
        owners = tables_of_state(inner.init, params, rows, state.inner)
        full, tree = jax.tree.flatten(state.inner)
        near = [
            leaf if own is None else rows[own].take(leaf)
            for leaf, own in zip(full, owners, strict=True)
        ]
        updates, moved = inner.update(
            updates, jax.tree.unflatten(tree, near), params, rows=rows, **extra
        )
        far = [
            new if own is None else rows[own].put(leaf, new)
            for leaf, new, own in zip(full, jax.tree.leaves(moved), owners, strict=True)
        ]
        # What a rule makes of 0 in a place left over may not be finite, and is no step.
        updates = map_tables(TableRows.mask, lambda leaf: leaf, rows, updates)
        return updates, LazyState(jax.tree.unflatten(tree, far))

    return optax.GradientTransformationExtraArgs(init, update)


def _expect_small(params: Params, rows: Rows | None) -> None:
    if rows is None:
        raise ValueError(
            "rows is missing: moo.sparse.lazy needs the rows= of moo.sparse.gather as an extra "
            "argument of update"
        )
    if params is None or isinstance(params, Jacobian):
        raise ValueError(
            "params is missing: moo.sparse.lazy needs the small parameters of moo.sparse.gather"
        )


def _expect_rowwise(state: PyTree) -> None:
    """Refuse state of optimizers that are known to be wrong on rows."""

    def refused(node: Any) -> bool:
        return type(node).__name__ in _REFUSED

    for node in jax.tree.leaves(state, is_leaf=refused):
        if refused(node):
            kind = type(node).__name__
            raise ValueError(
                f"moo.sparse.lazy cannot hold an optimizer with a {kind}: {_REFUSED[kind]}; use an "
                "element-wise one for tables, and optax.partition for this one on other leaves "
                "outside of lazy"
            )
