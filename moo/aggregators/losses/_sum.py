"""The gradient of the total loss."""

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state


def sum(num_objectives: int) -> Aggregator:
    r"""Add the gradients up: linear scalarisation with unit weights.

    $v = \sum_i g_i$, over the active objectives.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        A linear aggregator of one backward pass, sum scale, without state of its own.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 3.0]]), jnp.ones(2))
        >>> total = moo.sum(num_objectives=2)
        >>> total.update(jac, total.init(jnp.zeros(2)))[0].tolist()
        [1.0, 3.0]

    Source: Caruana, "Multitask Learning", Machine Learning 28, 1997.
    Differs from the paper: none.
    """

    def weigh(losses: Array, state: tuple[()], *, active: Array) -> tuple[Array, tuple[()]]:
        return active.astype(losses.dtype), state

    return from_losses(num_objectives, no_state, weigh)
