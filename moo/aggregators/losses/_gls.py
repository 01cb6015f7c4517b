"""The gradient of the geometric mean of the losses."""

import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators.losses._masked import number, positive


def gls(num_objectives: int) -> Aggregator:
    r"""Follow the gradient of the geometric mean of the losses.

    $\min \bigl(\prod_i \ell_i\bigr)^{1/m}$, so $w_i = \mathrm{GM} / (m\, \ell_i)$ with GM the
    geometric mean. The unit of one loss changes the length of v, not its direction.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        A linear aggregator of one backward pass, without state of its own; the weights add up to 1
        where all losses are equal. A loss of 0 or less makes the step NaN.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 4.0]))
        >>> method = moo.gls(num_objectives=2)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 4) for entry in update]
        [1.0, 0.25]

    Source: Chennupati, Sistu, Yogamani, Rawashdeh, "MultiNet++: Multi-Stream Feature Aggregation
    and Geometric Loss Strategy for Multi-Task Learning", CVPR Workshops 2019, arXiv 1904.08492.
    Differs from the paper: none; the mean is taken of the logarithms, so that no product of losses
    overflows.
    """

    def weigh(losses: Array, state: tuple[()], *, active: Array) -> tuple[Array, tuple[()]]:
        logs, count = jnp.log(positive(losses, active)), number(active, losses.dtype)
        return jnp.exp(jnp.sum(logs) / count - logs) / count, state

    return from_losses(num_objectives, no_state, weigh)
