"""Weights by the objectives' own noise, which is learned beside the model."""

from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
import optax

from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_number
from moo.aggregators.losses._masked_adam import init_each, step_each

Likelihood = Literal["gaussian", "softmax"]


class UncertaintyState(NamedTuple):
    """The log-variances, shape (m,), and the state of their Adam."""

    log_variances: Array
    adam: PyTree


def uncertainty(
    num_objectives: int, *, learning_rate: float | Array = 1e-3, likelihood: Likelihood = "gaussian"
) -> Aggregator:
    r"""Weigh each loss by its learned homoscedastic uncertainty.

    $\min_{\theta, s} \sum_i a\, e^{-s_i} \ell_i(\theta) + \tfrac12 s_i$ with log-variances
    $s = \log \sigma^2$; $a = \tfrac12$ for a Gaussian likelihood (squared errors), $a = 1$ for a
    softmax one (cross-entropies). So $w_i = a\, e^{-s_i}$, and $s$ follows
    $\tfrac12 - a\, e^{-s_i} \ell_i$. At rest $s_i = \log 2 a \ell_i$: every weighted loss is ½.

    Args:
        num_objectives: the number m of objectives.
        learning_rate: step size of Adam on the log-variances, > 0; the model's own usual one suits,
            1e-3 is ours.
        likelihood: `"gaussian"` or `"softmax"`.

    Returns:
        A linear aggregator of one backward pass with an `UncertaintyState` that starts at s = 0;
        weights are used before they are updated, and an inactive objective's s stays.

    Raises:
        ValueError: if the likelihood is unknown, or the learning rate not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 4.0]))
        >>> method = moo.uncertainty(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [0.5, 0.5]

    Source: Kendall, Gal, Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses", CVPR
    2018, arXiv 1705.07115.
    Differs from the paper: s is not among the model's parameters but in the aggregator's state,
    trained by an Adam of its own, so weight decay never reaches it.
    """
    check_choice("likelihood", likelihood, Likelihood)
    scale = 0.5 if likelihood == "gaussian" else 1.0
    check_number("learning_rate", learning_rate, strict=True)
    adam = optax.adam(learning_rate)

    def init(params: Params, dtype: Any) -> UncertaintyState:
        start = jnp.zeros(num_objectives, dtype)
        return UncertaintyState(start, init_each(adam, start))

    def weigh(
        losses: Array, state: UncertaintyState, *, active: Array
    ) -> tuple[Array, UncertaintyState]:
        weights = scale * jnp.exp(-state.log_variances)
        slope = 0.5 - weights * losses
        after = step_each(adam, slope, state.adam, state.log_variances, active)
        return weights, UncertaintyState(*after)

    return from_losses(num_objectives, init, weigh)
