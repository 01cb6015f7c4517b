"""Weights averaged over time: CR-MOGM around any linear aggregator."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, active_mask, combined, expect_jacobian
from moo.aggregators._checks import check_share
from moo.aggregators.wrappers._linear import expect_linear

Initial = Literal["first", "uniform"]


class EmaState(NamedTuple):
    """Steps taken, who has been active, the weights used and averaged, and the wrapped state."""

    steps: Array  # (), int32
    seen: Array  # (m,), bool
    weights: Array  # (m,), those used in the last step
    average: Array  # (m,)
    inner: PyTree


def ema_weights(
    aggregator: Aggregator,
    decay: float | Array | Callable[[Array], Array] = 0.9,
    *,
    initial: Initial = "first",
) -> Aggregator:
    r"""Average the weights exponentially over the steps (CR-MOGM).

    $\lambda_k = \alpha_k \lambda_{k-1} + (1 - \alpha_k)\, \hat\lambda_k$ with
    $\hat\lambda_k = w(J_k)$, and $v_k = J_k^\top \lambda_k$. Weights computed from the very
    gradients that they weigh are correlated with their noise, and the expected step is biased;
    averaging cuts that correlation by $1 - \alpha_k$. An inactive objective keeps its average and
    has weight 0 in that step.

    Args:
        aggregator: a linear aggregator; its weights are averaged as they come.
        decay: $\alpha$ in [0, 1), or a schedule of the step count. 0 is the aggregator itself;
            0.9 is TorchJD's default. `moo.tied_decay` ties it to the learning rate.
        initial: $\lambda_0$ of an objective: its weight in the first step in which it is active
            (`"first"`, so that this step is not averaged), or `"uniform"`, 1 over the number of
            active objectives.

    Returns:
        A linear aggregator. Non-conflict and other laws of
        the wrapped aggregator do not carry over.

    Raises:
        TypeError: if `aggregator` is a chain or another plain optax transformation, or `decay`
            neither a number nor a schedule.
        ValueError: if it is not linear or returns a set, `decay` lies outside [0, 1), or `initial`
            is neither.

    Example:
        >>> import moo
        >>> moo.ema_weights(moo.mgda(num_objectives=2), decay=0.9).num_objectives
        2

    Source: Zhou, Zhang, Jiang, Zhong, Gu, Zhu, "On the Convergence of Stochastic Multi-Objective
    Gradient Manipulation and Beyond", NeurIPS 2022.
    Differs from the paper: its own formula of $\alpha_k$ is left to the schedule.
    """
    aggregator = expect_linear(aggregator, "ema_weights")
    if not callable(decay):
        check_share("decay", decay)
    check_choice("initial", initial, Initial)
    m = aggregator.num_objectives

    def init(params: Params) -> EmaState:
        dtype = solver_dtype(params)
        seen = jnp.zeros(m, bool)
        zeros = jnp.zeros((), jnp.int32)
        return EmaState(
            zeros, seen, jnp.zeros(m, dtype), jnp.zeros(m, dtype), aggregator.init(params)
        )

    def update(
        jac: Jacobian, state: EmaState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, EmaState]:
        expect_jacobian(jac, m)
        jac = jac if aggregator.needs == "losses" else jac.materialize()
        _, inner = aggregator.update(jac, state.inner, params, **extra)
        rate = decay(state.steps) if callable(decay) else decay
        active = active_mask(jac)
        uniform = 1 / jnp.maximum(jnp.sum(active), 1)
        before = jnp.where(state.seen, state.average, uniform)
        known = state.seen | (initial == "uniform")
        blended = rate * before + (1 - rate) * inner.weights
        fresh = jnp.where(known, blended, inner.weights).astype(state.average.dtype)
        average = jnp.where(active, fresh, state.average)
        weights = jnp.where(active, average, 0)
        state = EmaState(state.steps + 1, state.seen | active, weights, average, inner)
        return combined(jac, weights), state

    return Aggregator(init, update, num_objectives=m, linear=True, needs=aggregator.needs)


def tied_decay(learning_rate: Callable[[Any], Any]) -> Callable[[Array], Array]:
    r"""Tie the decay of averaged weights to a learning-rate schedule.

    $\alpha_k = 1 - \eta_k / \eta_0$, and 0 where $\eta_k > \eta_0$: no averaging at first, and more
    of it as the learning rate falls.

    Args:
        learning_rate: an optax schedule $\eta$ of the step count, with $\eta_0 > 0$.

    Returns:
        A schedule for the `decay` of `moo.ema_weights` and `moo.cr_mogm`.

    Raises:
        TypeError: if `learning_rate` is no schedule.
        ValueError: if $\eta_0$ is not above 0, as with a warm-up from 0.

    Example:
        >>> import moo, optax
        >>> decay = moo.tied_decay(optax.linear_schedule(0.1, 0.05, 10))
        >>> [round(float(decay(step)), 2) for step in (0, 5, 10, 99)]
        [0.0, 0.25, 0.5, 0.5]

    Source: Zhou et al., NeurIPS 2022, as TorchJD's documentation reads its Corollary 1.
    """
    if not callable(learning_rate):
        raise TypeError(
            f"learning_rate must be a schedule, got {type(learning_rate).__name__}: a constant one "
            "gives no averaging at all; use a number as decay"
        )
    with jax.ensure_compile_time_eval():
        first = learning_rate(0)
        known = not isinstance(first, jax.core.Tracer)
        first = float(first) if known else first
    if known and not first > 0:
        raise ValueError(f"learning_rate must start above 0, got {first:g} at step 0")
    return lambda step: jnp.clip(1 - learning_rate(step) / first, 0, 1)
