"""The gradient of the average loss."""

import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state


def mean(num_objectives: int) -> Aggregator:
    r"""Average the gradients: linear scalarisation with equal weights.

    $v = \frac{1}{m} \sum_i g_i$, over the active objectives.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        A linear aggregator of one backward pass, mean scale, without state of its own.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 3.0]]), jnp.ones(2))
        >>> average = moo.mean(num_objectives=2)
        >>> average.update(jac, average.init(jnp.zeros(2)))[0].tolist()
        [0.5, 1.5]

    Source: Caruana, "Multitask Learning", Machine Learning 28, 1997.
    Differs from the paper: none.
    """

    def weigh(losses: Array, state: tuple[()], *, active: Array) -> tuple[Array, tuple[()]]:
        return active.astype(losses.dtype) / jnp.maximum(active.sum(), 1), state

    return from_losses(num_objectives, no_state, weigh)
