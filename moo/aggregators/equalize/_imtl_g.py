"""Impartial multi-task learning, gradient part."""

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._solvers._equal_projections import equal_projections
from moo.aggregators._solvers._solution import Solution


def imtl_g(num_objectives: int) -> Aggregator:
    r"""Take the direction whose projections onto all gradients are equal.

    $v^\top g_i / \lVert g_i \rVert$ is the same for all i, $\sum_i w_i = 1$:
    $w = G^+ d / (1^\top G^+ d)$ with $d_i = \lVert g_i \rVert$. For m = 2 it is the bisector,
    $w \propto 1 / d$. A zero row gets weight 0.

    Where $1^\top G^+ d < 0$ all projections would be negative, and the step an ascent on every
    loss: there w is divided by $|1^\top G^+ d|$, so that v descends and the weights add up to -1.
    Where no common positive projection exists (more rows than dimensions, or exactly opposite
    ones) the definition leaves v = 0: the weights are 0 and `converged` False.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `affine` scale, without state, for m backward passes. Its `residual` is the
        relative spread of the projections.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.imtl_g(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]))
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()
        [0.75, 0.75]

    Source: Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021.
    Differs from the paper: the sign, and what happens without a solution, as above.
    """

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return equal_projections(gram, active), state

    return from_gram(num_objectives, no_state, weigh)
