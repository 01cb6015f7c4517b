"""Random weights, drawn anew in every step."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._types import Array, Params, as_typed_key
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators.losses._masked import softmax


class RandomWeightsState(NamedTuple):
    """The typed random key of the next step's weights."""

    key: Array


def rlw(num_objectives: int, *, key: int | Array = 0) -> Aggregator:
    r"""Weigh the gradients at random.

    $w = \mathrm{softmax}(z)$ with $z \sim \mathcal{N}(0, I_m)$ drawn anew in every step: a
    stochastic version of the mean gradient, since $\mathbb{E}\, w_i = 1/m$.

    Args:
        num_objectives: the number m of objectives.
        key: seed or typed random key of the draws.

    Returns:
        A linear aggregator of one backward pass, convex scale, with a `RandomWeightsState`.

    Raises:
        TypeError: if the key is a raw one.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.ones(2))
        >>> method = moo.rlw(num_objectives=2, key=0)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> round(float(update.sum()), 5)
        1.0

    Source: Lin, Ye, Zhang, Tsang, "Reasonable Effectiveness of Random Weighting: A Litmus Test for
    Multi-Task Learning", TMLR 2022, arXiv 2111.10603.
    Differs from the paper: only its normal distribution is offered.
    """
    start = as_typed_key(key)

    def init(params: Params, dtype: Any) -> RandomWeightsState:
        return RandomWeightsState(jnp.copy(start))

    def weigh(
        losses: Array, state: RandomWeightsState, *, active: Array
    ) -> tuple[Array, RandomWeightsState]:
        key, draw = jax.random.split(state.key)
        normal = jax.random.normal(draw, losses.shape, losses.dtype)
        return softmax(normal, 1, active), RandomWeightsState(key)

    return from_losses(num_objectives, init, weigh)
