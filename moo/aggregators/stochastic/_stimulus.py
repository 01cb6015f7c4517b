"""STIMULUS: the min-norm direction of gradients tracked by differences along the path."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from moo._jacobian import Jacobian, check_params
from moo._jacobian._gram import gram_of_rows
from moo._jacobian._stacked import combine_rows, shared_rows
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, active_mask, check_num_objectives, expect_jacobian
from moo.aggregators._checks import check_count
from moo.aggregators._rowwise import cast_rows, column, freeze_inactive, stacked_zeros
from moo.aggregators._solvers._min_norm import min_norm


class StimulusState(NamedTuple):
    """Steps since the refresh, the tracked gradients, where they hold, and the multipliers."""

    steps: Array  # (), int32
    seen: Array  # (m,), bool
    tracked: PyTree  # leaves (m, ...)
    point: Params
    multipliers: Array  # (m,)
    residual: Array  # ()
    converged: Array  # (), bool


def stimulus(
    num_objectives: int,
    *,
    period: int = 32,
    reference: Callable[[Params], Jacobian] | None = None,
) -> Aggregator:
    r"""Track every gradient by its differences along the path, and take the min-norm direction.

    At steps 0, q, 2q, ...: U is the Jacobian of all the data; at the others
    $U \leftarrow U + J(\theta_t; A) - J(\theta_{t-1}; A)$ with the same batch A at both points.
    $\lambda = \arg\min_{\lambda \in \Delta} \lVert U^\top \lambda \rVert^2$, $v = U^\top \lambda$.

    Args:
        num_objectives: the number m of objectives.
        period: q >= 1; the paper's is $\sqrt n$ for n samples, with batches of that size, as far
            as could be confirmed. 32 is ours.
        reference: `reference(params) -> Jacobian` over all the data, for the refresh, such as
            `lambda params: moo.jacobian(objectives, params, data)`. None: the current batch stands
            in for it, which suits large batches only.

    Returns:
        An aggregator of convex scale on the tracked gradients, not linear in J, that needs
        `params` and has a `StimulusState`. 2m backward passes a step, m at a refresh (of the
        reference); it keeps m + 1 times the parameters. Leaves that are not shared receive the
        sum of their tracked gradients. An inactive objective keeps its track, which the next
        refresh mends: of all objectives that the reference has labels for. One without a track
        yet has weight 0. A zero row of U makes v = 0.

    Raises:
        TypeError: if `period` is no int, or `reference` no function that returns a Jacobian.
        ValueError: if `period` is out of range, `params` is missing, the reference has
            another number of objectives, or the Jacobian cannot be taken at another point.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = moo.optimizer("stimulus", optax.sgd(0.1), num_objectives=2)
        >>> objectives = lambda x: jnp.stack([(x[0] - 1) ** 2, (x[0] + 1) ** 2])
        >>> path = moo.run(objectives, tx, starts=jnp.array([[3.0]]), steps=60)
        >>> path.params[0, -1].round(3).tolist()
        [1.0]

    Source: Liu, Dong, Momma, Shao, Xu, Gao, Yang, Liu, "STIMULUS: Achieving Fast Convergence and
    Low Sample Complexity in Stochastic Multi-Objective Learning", UAI 2025, arXiv 2506.19883.
    Differs from the paper: its variants with momentum and with adaptive batches are left out,
    because their rules could not be confirmed; the estimator is as reviews of the paper state it.
    """
    m = check_num_objectives(num_objectives)
    check_count("period", period, low=1)
    if not (reference is None or callable(reference)):
        raise TypeError(f"reference must be a function of params, got {type(reference).__name__}")

    def init(params: Params) -> StimulusState:
        check_params(params)
        dtype = solver_dtype(params)
        tracked = stacked_zeros(params, m, dtype)
        return StimulusState(
            jnp.zeros((), jnp.int32), jnp.zeros(m, bool), tracked, jax.tree.map(jnp.array, params),
            jnp.zeros(m, dtype), jnp.zeros((), dtype), jnp.ones((), bool),
        )  # fmt: skip

    def fresh(jac: Jacobian, params: Params) -> Jacobian:
        if reference is None:
            return jac
        full = reference(params)
        expect_jacobian(full, m, "what reference returns")
        return full

    def update(
        jac: Jacobian, state: StimulusState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, StimulusState]:
        expect_jacobian(jac, m)
        if params is None:
            raise ValueError("params is missing: stimulus takes gradients at the point before")
        active, dtype = active_mask(jac), state.multipliers.dtype

        def renew() -> tuple[PyTree, Array]:
            full = fresh(jac, params)
            return cast_rows(full.rows(), dtype), active_mask(full)

        tracked, known = lax.cond(state.steps == 0, renew, lambda: (_corrected(jac, state), active))
        tracked = freeze_inactive(tracked, state.tracked, known)
        seen = known | state.seen
        active = active & seen
        shared = getattr(jac, "shared", None) or jax.tree.map(lambda _: True, tracked)
        answer = min_norm(gram_of_rows(shared_rows(tracked, shared)), active)
        weights = answer.weights.astype(dtype)
        after = StimulusState(
            (state.steps + 1) % period, seen, tracked,
            jax.tree.map(jnp.asarray, params), weights, answer.residual.astype(dtype),
            answer.converged,
        )  # fmt: skip
        ones = active.astype(dtype)
        update = jax.tree.map(
            lambda rows, keep, like: _combined(rows, weights if keep else ones, like),
            tracked, shared, params,
        )  # fmt: skip
        return update, after

    return Aggregator(init, update, num_objectives=m, linear=False)


def _corrected(jac: Jacobian, state: StimulusState) -> PyTree:
    """Add the change since the last point; an objective seen for the first time starts here."""

    def one(tracked: Array, new: Array, old: Array) -> Array:
        return jnp.where(column(state.seen, new), tracked + (new - old), new)

    dtype = state.multipliers.dtype
    now, then = jac.rows(), jac.at(state.point).rows()
    return jax.tree.map(one, state.tracked, cast_rows(now, dtype), cast_rows(then, dtype))


def _combined(rows: Array, weights: Array, like: Any) -> Array:
    """Combine one leaf's tracked rows, with NaN for what is infinite."""
    v = combine_rows(rows, weights)
    return jnp.where(jnp.isfinite(v), v, jnp.nan).astype(jnp.result_type(like))
