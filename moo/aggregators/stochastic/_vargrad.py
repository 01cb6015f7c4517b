"""VarGrad: gradients corrected by how they changed, then any aggregator."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, stacked_jacobian
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number, check_share, expect_factory
from moo.aggregators._from_rows import RowState, from_rows
from moo.aggregators._rowwise import cast_rows, column, freeze_inactive, stacked_zeros
from moo.aggregators.equalize._fairgrad import fairgrad

Correction = Literal["published", "exact"]


class VarGradState(NamedTuple):
    """Corrected rows, the last rows or the last parameters, who was active, the base's state."""

    corrected: PyTree  # leaves (m, ...)
    previous: PyTree  # leaves (m, ...), or like the parameters where the correction is exact
    active: Array  # (m,), bool
    base: PyTree


def vargrad(
    num_objectives: int,
    *,
    base: Callable[[int], Aggregator] = fairgrad,
    decay: ArrayLike = 0.85,
    gamma: ArrayLike = 0.025,
    correction: Correction = "published",
) -> Aggregator:
    r"""Reduce the variance of every gradient by its own history, then aggregate.

    $u_i = \beta u_i^- + (1 - \beta) g_i + \gamma \beta (g_i - \tilde g_i)$, and the base method
    works on U in place of J. $u^-$ is the last corrected gradient and $\tilde g$ the gradient at
    the last parameters.

    With $\tilde g$ taken on the *last* batch, as published, $\gamma = 1$ leaves every gradient as
    it is ($u = g$ at each step), since $u - g = \beta (u^- - \tilde g)$ starts at 0; below 1 it is
    a momentum with a correction. On the *same* batch (`"exact"`), $\gamma = 1$ is STORM's
    estimator.

    Args:
        num_objectives: the number m of objectives.
        base: a method as a function of m; FairGrad with alpha 2 as in the authors' scripts.
        decay: $\beta$ in [0, 1); 0.85 in the authors' scripts.
        gamma: $\gamma \ge 0$; 1 in the authors' scripts, which is no correction at all, so 0.025
            here, the value of MARS, whose correction this is.
        correction: `"published"` or `"exact"`.

    Returns:
        An aggregator of the base's scale, m backward passes (2m if exact, which needs a Jacobian
        with objectives, and `params`), with a `VarGradState` of 2 m d numbers (m d if exact). As
        published the first step has $1 - \beta + \gamma \beta$ of its gradients' length; exact,
        all of it, and an objective inactive in the last step starts afresh. Extra arguments of
        `update` reach the base. Zero and exactly opposite rows are the base's affair.

    Raises:
        TypeError: if `base` does not build an aggregator.
        ValueError: if a hyper-parameter is out of range, `correction` unknown or `params` missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 0.0], [8.0, 0.0]]))
        >>> method = moo.vargrad(2, base=moo.mgda, decay=0.5, gamma=0.5)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [3.0, 0.0]

    Source: Cao, Yang, Zhou, Xie, Lian, Yang, "Towards Calibrated Gradient-based Multi-Task
    Learning", CVPR 2026 Findings; rule as in its code.
    Differs from the paper: its text could not be compared, only its abstract and code; the code's
    scheduling, which skips the base where FAMO's weights are alike, is left out; the weights are
    those of U on U, and $\gamma$ is not 1.
    """
    check_share("decay", decay)
    check_number("gamma", gamma)
    check_choice("correction", correction, Correction)
    expect_factory("base", base)
    within, exact = base(num_objectives), correction == "exact"
    if not isinstance(within, Aggregator):
        raise TypeError(
            f"base must build a moo.Aggregator, got {type(within).__name__}: put what comes after "
            "it in optax.chain(moo.vargrad(...), ...)"
        )

    def init(params: Params, dtype: Any) -> VarGradState:
        zeros = stacked_zeros(params, num_objectives, dtype)
        previous = jax.tree.map(jnp.array, params if exact else zeros)
        active = jnp.zeros(num_objectives, bool)
        return VarGradState(zeros, previous, active, within.init(params))

    def aggregate(
        rows: PyTree,
        losses: Array | None,
        state: VarGradState,
        *,
        active: Array,
        point: Params = None,
        earlier: PyTree = None,
        extra: Any = None,
    ) -> tuple[PyTree, VarGradState]:
        rows = cast_rows(rows, jax.tree.leaves(state.corrected)[0].dtype)
        fresh = ~state.active if exact else jnp.zeros_like(active)
        moved = _corrected(rows, state, earlier if exact else state.previous, decay, gamma, fresh)
        corrected = freeze_inactive(moved, state.corrected, active)
        previous = point if exact else freeze_inactive(rows, state.previous, active)
        jac = stacked_jacobian(corrected, losses, active=active)
        v, inner = within.update(jac, state.base, point, **(extra or {}))
        return v, VarGradState(corrected, previous, active, inner)

    on_rows = from_rows(num_objectives, init, aggregate)

    def update(
        jac: Jacobian, state: RowState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, RowState]:
        earlier = None
        if exact:
            if params is None:
                raise ValueError("params is missing: the exact correction keeps the last ones")
            earlier = jac.at(state.inner.previous).rows()
        direction: tuple[PyTree, RowState] = on_rows.update(
            jac, state, params, point=params, earlier=earlier, extra=extra
        )
        return direction

    return Aggregator(on_rows.init, update, num_objectives=num_objectives, linear=False)


def _corrected(
    rows: PyTree,
    state: VarGradState,
    earlier: PyTree,
    decay: ArrayLike,
    gamma: ArrayLike,
    fresh: Array,
) -> PyTree:
    """Return the corrected rows; a fresh one is its gradient."""

    def one(g: Array, past: Array, before: Array) -> Array:
        change = gamma * decay * (g - before.astype(g.dtype))
        return jnp.where(column(fresh, g), g, decay * past + (1 - decay) * g + change)

    return jax.tree.map(one, rows, state.corrected, earlier)
