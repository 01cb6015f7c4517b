"""Weights of its own for each group of parameters."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian, StackedJacobian
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, expect_jacobian
from moo.aggregators.wrappers._linear import expect_linear


class PerGroupState(NamedTuple):
    """The weights of each group, in the order of its sorted labels, and each group's state."""

    weights: Array  # (groups, m)
    inner: dict[str, PyTree]


def per_group(aggregator: Aggregator, labels: PyTree | Callable[[Params], PyTree]) -> Aggregator:
    r"""Aggregate each group of leaves by the Gramian of that group alone.

    For every group $b$: $v_b = J_b^\top w(J_b J_b^\top)$, with $J_b$ the columns of $J$ that
    belong to the group, such as one layer or the embeddings.

    Args:
        aggregator: a linear aggregator.
        labels: tree prefix of params that holds strings, or a callable of params that gives one.

    Returns:
        An aggregator whose `weights` have shape (groups, m), so not a linear one. It costs m
        backward passes whatever it wraps.

    Raises:
        TypeError: if `aggregator` is a chain, or a label is no string.
        ValueError: if it is not linear, or the Jacobian has `shared` leaves of its own.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> params = {"a": jnp.zeros(2), "b": jnp.zeros(1)}
        >>> grouped = moo.per_group(moo.mgda(num_objectives=2), {"a": "first", "b": "second"})
        >>> grouped.init(params).weights.shape
        (2, 2)

    Source: layer-wise application as in GradVac (Wang et al., ICLR 2021, arXiv 2010.05874), here
    for any linear aggregator.
    """
    aggregator = expect_linear(aggregator, "per_group")
    m = aggregator.num_objectives

    def init(params: Params) -> PerGroupState:
        groups = _groups(labels, params)
        leaves = jax.tree.leaves(params)
        inner = {name: aggregator.init([leaves[i] for i in at]) for name, at in groups.items()}
        return PerGroupState(jnp.zeros((len(groups), m), solver_dtype(params)), inner)

    def update(
        jac: Jacobian, state: PerGroupState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, PerGroupState]:
        expect_jacobian(jac, m)
        _expect_no_shared(jac)
        leaves, tree = jax.tree.flatten(jac.rows())
        losses = jac.losses if jac.has_losses else None
        combined, inner = list(leaves), {}
        for name, at in _groups(labels, jax.tree.unflatten(tree, leaves)).items():
            part = StackedJacobian([leaves[i] for i in at], losses, jac.active)
            updates, inner[name] = aggregator.update(part, state.inner[name], None, **extra)
            for i, leaf in zip(at, updates, strict=True):
                combined[i] = leaf
        weights = jnp.stack([inner[name].weights for name in inner])
        return jax.tree.unflatten(tree, combined), PerGroupState(weights, inner)

    return Aggregator(init, update, num_objectives=m, linear=False, needs="gram")


def _groups(labels: PyTree | Callable[[Params], PyTree], params: Params) -> dict[str, list[int]]:
    """Return the positions of the leaves of each group, by sorted label."""
    prefix = labels(params) if callable(labels) else labels
    try:
        names = jax.tree.leaves(jax.tree.broadcast(prefix, params))
    except ValueError as error:
        raise ValueError(f"labels must be a tree prefix of params: {error}") from error
    if any(not isinstance(name, str) for name in names):
        raise TypeError(
            f"labels must hold strings, got {sorted({type(n).__name__ for n in names})}"
        )
    return {key: [i for i, n in enumerate(names) if n == key] for key in sorted(set(names))}


def _expect_no_shared(jac: Jacobian) -> None:
    shared = getattr(jac, "shared", None)
    if shared is not None and not all(jax.tree.leaves(shared)):
        raise ValueError(
            "per_group takes a Gramian for each group, so the Jacobian must not have shared= of "
            "its own: label the leaves instead"
        )
