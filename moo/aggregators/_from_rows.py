"""The builder of methods that need the rows themselves, and not only a weighting of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian, check_params
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    expect_jacobian,
    extras_of,
)


class RowState(NamedTuple):
    """State of an aggregator built by `from_rows`: the method's own."""

    inner: PyTree


def from_rows(
    num_objectives: int, init: Callable[..., PyTree], aggregate: Callable[..., Any]
) -> Aggregator:
    r"""Build an aggregator that works on the rows of the Jacobian: m backward passes.

    $v = \mathrm{aggregate}(J)$, which need not be a combination of the rows.

    Only shared leaves are aggregated; the others are zero in `rows`, and receive the plain sum of
    their gradients, so a task's own head that of its loss. Where an active row is not finite, the
    whole update is NaN.

    Args:
        num_objectives: the number m of objectives.
        init: `init(params, dtype) -> state`, the method's own state.
        aggregate: `aggregate(rows, losses, state, *, active, ...) -> (direction, state)`; `rows` is
            a pytree like the parameters with leaves of shape (m, ...) in at least float32, zero
            where inactive; `losses` is None for a stacked Jacobian without them; `direction` is a
            pytree like the parameters; further keyword-only names are passed from `update`'s
            extras.

    Returns:
        An aggregator that is not linear, with a `RowState`.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> median = moo.from_rows(
        ...     3, lambda params, dtype: (),
        ...     lambda rows, losses, state, *, active: (
        ...         jax.tree.map(lambda row: jnp.median(row, axis=0), rows), state))
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 9.0], [2.0, 0.0], [7.0, 1.0]]))
        >>> update, _ = median.update(jac, median.init(jnp.zeros(2)))
        >>> update.tolist()
        [2.0, 1.0]
    """
    m = check_num_objectives(num_objectives)
    pick = extras_of(aggregate, given=3, form="")

    def initialise(params: Params) -> RowState:
        check_params(params)
        return RowState(init(params, solver_dtype(params)))

    def update(
        jac: Jacobian, state: RowState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, RowState]:
        expect_jacobian(jac, m)
        active, every = active_mask(jac), jac.rows()
        shared = getattr(jac, "shared", None) or jax.tree.map(lambda row: True, every)
        rows = jax.tree.map(_shared_part, every, shared)
        losses = jac.losses if jac.has_losses else None
        direction, inner = aggregate(rows, losses, state.inner, active=active, **pick(extra, m))
        sound = finite_rows(every)
        update = jax.tree.map(
            lambda row, v, keep: _settled(v if keep else jnp.sum(row, axis=0), sound, row.dtype),
            every, direction, shared,
        )  # fmt: skip
        return update, RowState(inner)

    return Aggregator(initialise, update, num_objectives=m, linear=False)


def finite_rows(rows: PyTree) -> Array:
    """Say whether every entry of stacked gradients is finite, shape ()."""
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(rows)]).all()


def _shared_part(row: Array, shared: bool) -> Array:
    wide = row.astype(jnp.promote_types(jnp.float32, row.dtype))
    return wide if shared else jnp.zeros_like(wide)


def _settled(v: Array, sound: Array, dtype: Any) -> Array:
    """Cast, and announce what is not finite: nothing later may hide it."""
    return jnp.where(sound & jnp.isfinite(v), v, jnp.nan).astype(dtype)
