"""Nash multi-task learning."""

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._bargaining import bargain
from moo.aggregators._solvers._solution import Solution


def nash_mtl(num_objectives: int, *, max_norm: ArrayLike = 1.0) -> Aggregator:
    r"""Take the Nash bargaining solution of the objectives.

    $G \alpha = 1 / \alpha$, $\alpha > 0$: it maximises the product of the decreases
    $\prod_i g_i^\top v$ over a ball. Then $\lVert J^\top \alpha \rVert^2 = m$ exactly, so the clip
    to `max_norm` acts at every step for `max_norm` <= 1: a step of constant length. The weights are
    those after the clip. The direction does not depend on the scales of the rows.

    At a Pareto-stationary point (a zero row and exactly opposite rows are such) there is no
    solution: `converged` is False, and the weights are the witness $\lambda \in \Delta$ with
    $J^\top \lambda = 0$, so that the step is 0.

    Args:
        num_objectives: the number m of objectives.
        max_norm: largest norm of v over the shared leaves, > 0 (1 in the authors' code); `math.inf`
            for $\sqrt m$.

    Returns:
        An aggregator of `unit` scale, without state, for m backward passes. Its `residual` is
        $\max_i |\alpha_i (G \alpha)_i - 1|$.

    Raises:
        ValueError: if `max_norm` is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.nash_mtl(2, max_norm=5.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 0.0], [0.0, 0.5]]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> state.weights.tolist()
        [0.25, 2.0]

    Source: Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik and Fetaya, "Multi-Task Learning
    as a Bargaining Game", ICML 2022, arXiv 2202.01017.
    Differs from the paper: damped Newton on $\tfrac12 \alpha^\top G \alpha - \sum_i \log \alpha_i$,
    exact, in place of 20 convex-concave steps; the clip scales task heads too, where the code
    clips the shared gradient only.
    """
    check_number("max_norm", max_norm, strict=True, finite=False)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return bargain(gram, active, max_norm), state

    return from_gram(num_objectives, no_state, weigh)
