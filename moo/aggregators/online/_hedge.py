"""Min-max online optimization: Hedge over the objectives, gradient descent on their mixture."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_number
from moo.aggregators.losses._masked import number, softmax


class HedgeState(NamedTuple):
    """Each objective's losses above those of the mixture, added up, and the rounds played."""

    leads: Array  # (m,)
    rounds: Array  # (), int32


def hedge(
    num_objectives: int,
    *,
    learning_rate: ArrayLike | None = None,
    loss_range: ArrayLike = 1.0,
    horizon: ArrayLike | None = None,
) -> Aggregator:
    r"""Weigh the objectives by their total losses so far, the largest most.

    $w_t \propto e^{\eta S}$ with $S_i = \sum_{\tau < t} \ell_i(\theta_\tau)$: Hedge keeps the worst
    total loss small, $\max_i \sum_t \ell_i(\theta_t)$, while plain gradient descent after it
    follows $v_t = J_t^\top w_t$.

    Args:
        num_objectives: the number m of objectives.
        learning_rate: $\eta \ge 0$, over a unit of loss; None for
            $\sqrt{8 \log m / T} / \mathrm{range}$.
        loss_range: difference of the largest and the least possible loss, > 0; the source's losses
            lie in [0, 1].
        horizon: the number T of rounds; None for the rounds played so far, which needs no plan and
            costs a constant factor of the regret.

    Returns:
        A linear aggregator of one backward pass, convex scale, with a `HedgeState`: an inactive
        objective keeps its place, and the others play among themselves.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> method = moo.hedge(num_objectives=2, learning_rate=0.5)
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> _, state = method.update(jac, method.init(jnp.zeros(2)))
        >>> update, _ = method.update(jac, state)
        >>> [round(float(entry), 3) for entry in update]
        [0.378, 0.622]

    Source: Vaze and Mishra, "Multi-Objective min-max Online Convex Optimization", 2025,
    arXiv 2510.13560. Step sizes as in Cesa-Bianchi and Lugosi, "Prediction, Learning, and Games",
    Cambridge University Press 2006, theorems 2.2 and 2.3.
    Differs from the paper: its own step sizes were not found. The state holds totals less those of
    the mixture, from which the same weights follow, at any number of rounds.
    """
    if learning_rate is not None:
        check_number("learning_rate", learning_rate)
    check_number("loss_range", loss_range, strict=True)
    if horizon is not None:
        check_number("horizon", horizon, low=1)

    def init(params: Params, dtype: Any) -> HedgeState:
        return HedgeState(jnp.zeros(num_objectives, dtype), jnp.zeros((), jnp.int32))

    def rate(active: Array, rounds: Array, dtype: Any) -> ArrayLike:
        if learning_rate is not None:
            return learning_rate
        total = rounds.astype(dtype) if horizon is None else horizon
        return jnp.sqrt(8 * jnp.log(number(active, dtype)) / total) / loss_range

    def weigh(losses: Array, state: HedgeState, *, active: Array) -> tuple[Array, HedgeState]:
        rounds = state.rounds + 1
        weights = softmax(state.leads, 1 / jnp.asarray(rate(active, rounds, losses.dtype)), active)
        seen = jnp.where(active, losses, 0)
        leads = state.leads + jnp.where(active, seen - jnp.sum(weights * seen), 0)
        return weights, HedgeState(leads, rounds)

    return from_losses(num_objectives, init, weigh)
