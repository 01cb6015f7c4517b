"""Weights of its own for each group of parameters."""

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian, StackedJacobian
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, expect_jacobian
from moo.aggregators._state import find
from moo.aggregators.wrappers._linear import expect_linear


class PerGroupState(NamedTuple):
    """What recorders want of each group, in the order of its sorted labels, and its state."""

    weights: Array  # (groups, m)
    gram: PyTree  # a Gram whose leaves have a leading axis of groups, or None
    residual: Array  # (), the largest of the groups
    converged: Array  # (), bool, of all groups
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
        ValueError: if it is not linear, looks at parts of the batch or at another point, or the
            Jacobian has `shared` leaves of its own.

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
        return _state(inner, solver_dtype(params))

    def update(
        jac: Jacobian, state: PerGroupState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, PerGroupState]:
        expect_jacobian(jac, m)
        _expect_no_shared(jac)
        leaves, tree = jax.tree.flatten(jac.rows())
        losses = jac.losses if jac.has_losses else None
        combined, inner, points = list(leaves), {}, jax.tree.leaves(params)
        like = jax.tree.unflatten(tree, [leaf[0] for leaf in leaves])
        for name, at in _groups(labels, like).items():
            part = _GroupJacobian([leaves[i] for i in at], losses, jac.active)
            point = None if params is None else [points[i] for i in at]
            updates, inner[name] = aggregator.update(part, state.inner[name], point, **extra)
            for i, leaf in zip(at, updates, strict=True):
                combined[i] = leaf
        return jax.tree.unflatten(tree, combined), _state(inner, state.weights.dtype)

    return Aggregator(init, update, num_objectives=m, linear=False, needs="gram")


class _GroupJacobian(StackedJacobian):
    """The columns of one group, without the batch that they came from."""

    def split(self, k: int) -> NoReturn:
        """Refuse: the parts' gradients would be those of all leaves."""
        _refuse_batch()

    def at(self, params: Params) -> NoReturn:
        """Refuse: a group's leaves alone are no point."""
        _refuse_batch()

    def losses_at(self, params: Params) -> NoReturn:
        """Refuse: a group's leaves alone are no point."""
        _refuse_batch()


def _refuse_batch() -> NoReturn:
    raise ValueError(
        "per_group gives its aggregator the gradients of each group only, but this method looks at "
        "parts of the batch or at another point: wrap one that needs neither"
    )


def _state(inner: dict[str, PyTree], dtype: Any) -> PerGroupState:
    """Gather each group's weights and certificate."""

    def each(name: str, default: Any) -> list[Any]:
        found = [find(state, name) for state in inner.values()]
        return [default if value is None else value for value in found]

    grams = each("gram", None)
    gram = None if grams[0] is None else jax.tree.map(lambda *x: jnp.stack(x), *grams)
    weights = jnp.stack([state.weights for state in inner.values()]).astype(dtype)
    residual = jnp.stack(each("residual", jnp.zeros((), dtype))).max().astype(dtype)
    converged = jnp.stack(each("converged", jnp.ones((), bool))).all()
    return PerGroupState(weights, gram, residual, converged, inner)


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
