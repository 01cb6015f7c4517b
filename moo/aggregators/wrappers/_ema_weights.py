"""Weights averaged over time: CR-MOGM around any linear aggregator."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp

from moo._jacobian import Jacobian
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, active_mask, combined, expect_jacobian
from moo.aggregators.wrappers._linear import expect_linear


class EmaState(NamedTuple):
    """Steps each objective was active, the averaged weights, and the wrapped state."""

    steps: Array  # (), int32
    seen: Array  # (m,), bool
    weights: Array  # (m,), those used in the last step
    average: Array  # (m,)
    inner: PyTree


def ema_weights(
    aggregator: Aggregator, decay: float | Array | Callable[[Array], Array] = 0.9
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
            0.9 is TorchJD's default. A schedule $1 - \eta_k / \eta_0$ ties it to the learning
            rate.

    Returns:
        A linear aggregator; the first step uses $\hat\lambda_1$. Non-conflict and other laws of
        the wrapped aggregator do not carry over.

    Raises:
        TypeError: if `aggregator` is a chain or another plain optax transformation.
        ValueError: if it is not linear, or `decay` lies outside [0, 1).

    Example:
        >>> import moo
        >>> moo.ema_weights(moo.mgda(num_objectives=2), decay=0.9).num_objectives
        2

    Source: Zhou, Zhang, Jiang, Zhong, Gu, Zhu, "On the Convergence of Stochastic Multi-Objective
    Gradient Manipulation and Beyond", NeurIPS 2022.
    Differs from the paper: its own formula of $\alpha_k$ is left to the schedule.
    """
    aggregator = expect_linear(aggregator, "ema_weights")
    if isinstance(decay, int | float) and not 0 <= decay < 1:
        raise ValueError(f"decay must lie in [0, 1), got {decay}")
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
        blended = rate * state.average + (1 - rate) * inner.weights
        fresh = jnp.where(state.seen, blended, inner.weights).astype(state.average.dtype)
        average = jnp.where(active, fresh, state.average)
        weights = jnp.where(active, average, 0)
        state = EmaState(state.steps + 1, state.seen | active, weights, average, inner)
        return combined(jac, weights), state

    return Aggregator(init, update, num_objectives=m, linear=True, needs=aggregator.needs)
