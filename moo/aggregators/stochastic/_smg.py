"""The stochastic multi-gradient algorithm."""

from moo.aggregators._base import Aggregator
from moo.aggregators.min_norm._mgda import mgda


def smg(num_objectives: int) -> Aggregator:
    r"""Take the shortest vector in the hull of one batch's gradients.

    $w_k = \arg\min_{w \in \Delta} \lVert J(\xi_k)^\top w \rVert^2$ and $x_{k+1} = x_k - \eta_k
    J(\xi_k)^\top w_k$: MGDA's direction, and with it a schedule, which belongs into the chain:
    $\eta_k \propto 1 / k$ for strongly convex losses, $1 / \sqrt k$ for convex ones. $E[v]$ is
    biased even though every gradient is unbiased; the bias vanishes with a growing batch only.
    `moo.ema_weights` is the cheaper remedy.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `convex` scale, without state, for m backward passes; its update and
        `residual` are those of `moo.mgda`.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> schedule = lambda count: 0.5 / jnp.sqrt(count + 1.0)
        >>> tx = optax.chain(moo.smg(2), optax.sgd(schedule))
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 2.0]]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> update.tolist()
        [-0.5, -0.5]

    Source: Liu and Vicente, "The stochastic multi-gradient algorithm for multi-objective
    optimization and its application to supervised machine learning", Annals of Operations Research
    2021, arXiv 1907.04472.
    Differs from the paper: the growth of the batch is the caller's; the two schedules and their
    conditions were not checked against the text. The variant that spreads points over the front is
    a method of sets, and not here.
    """
    return mgda(num_objectives)
