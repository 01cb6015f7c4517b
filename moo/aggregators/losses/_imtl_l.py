"""Weights that learn to bring every loss to one scale."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_number
from moo.aggregators.losses._masked_adam import init_each, step_each


class ImtlLState(NamedTuple):
    """The log-scales, shape (m,), and the state of their Adam."""

    log_scales: Array
    adam: PyTree


def imtl_l(num_objectives: int, *, learning_rate: ArrayLike = 1e-3) -> Aggregator:
    r"""Learn a scale for each loss that makes all scaled losses 1.

    $\min_{\theta, s} \sum_i e^{s_i} \ell_i(\theta) - s_i$, so $w_i = e^{s_i}$, and s follows
    $e^{s_i} \ell_i - 1$: at rest $e^{s_i} \ell_i = 1$, whatever the unit of the loss.

    Args:
        num_objectives: the number m of objectives.
        learning_rate: step size of Adam on s, > 0; the model's own usual one suits, 1e-3 is ours.

    Returns:
        A linear aggregator of one backward pass with an `ImtlLState` that starts at s = 0; weights
        are used before they are updated, and an inactive objective's s stays. Twice the weights of
        `uncertainty` with a Gaussian likelihood, of which it is another form.

    Raises:
        ValueError: if the learning rate is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 4.0]))
        >>> method = moo.imtl_l(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [1.0, 1.0]

    Source: Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang, "Towards Impartial Multi-task Learning",
    ICLR 2021.
    Differs from the paper: s is not among the model's parameters but in the aggregator's state,
    trained by an Adam of its own, so weight decay never reaches it.
    """
    check_number("learning_rate", learning_rate, strict=True)
    adam = optax.adam(learning_rate)

    def init(params: Params, dtype: Any) -> ImtlLState:
        start = jnp.zeros(num_objectives, dtype)
        return ImtlLState(start, init_each(adam, start))

    def weigh(losses: Array, state: ImtlLState, *, active: Array) -> tuple[Array, ImtlLState]:
        weights = jnp.exp(state.log_scales)
        slope = weights * losses - 1
        return weights, ImtlLState(*step_each(adam, slope, state.adam, state.log_scales, active))

    return from_losses(num_objectives, init, weigh)
