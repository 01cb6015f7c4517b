"""FairGrad: alpha-fair shares of the decrease."""

import math

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._bargaining import fair
from moo.aggregators._solvers._solution import Solution


def fairgrad(
    num_objectives: int, *, alpha: ArrayLike = 2.0, max_norm: ArrayLike = math.inf
) -> Aggregator:
    r"""Share the decrease out in the alpha-fair way.

    $G w = w^{-1/\alpha}$, $w > 0$: it maximises $\sum_i (g_i^\top v)^{1-\alpha} / (1 - \alpha)$
    over a ball. $\alpha = 1$ is Nash-MTL's proportional fairness, $\alpha \to \infty$ max-min
    fairness, $\alpha \to 0$ the sum. Then $g_i^\top v = w_i^{-1/\alpha} > 0$, and $v(sJ) =
    s^{(1-\alpha)/(1+\alpha)} v(J)$: for $\alpha > 1$ the step *grows* as the gradients vanish, so
    clip it.

    At a Pareto-stationary point (a zero row and exactly opposite rows are such) there is no
    solution: `converged` is False, and the weights are the witness $\lambda \in \Delta$ with
    $J^\top \lambda = 0$, so that the step is 0.

    The weights spread like powers of the norms: at $\alpha = 10$ norms of 1 and 100, and at
    $\alpha = 0.1$ of 1 and $10^6$, may ask for more than float32 holds. `converged` is then False
    as well, and the weights are the solver's last iterate.

    Args:
        num_objectives: the number m of objectives.
        alpha: $\alpha > 0$ (2 in all of the authors' scripts, which multiply v by m and clip it to
            norm 1; the paper tries 1, 2, 5 and 10).
        max_norm: largest norm of v over the shared leaves, > 0; infinite as in the paper's rule.

    Returns:
        An aggregator of `free` scale, without state, for m backward passes. Its `residual` is
        $\max_i |w_i (G w)_i - w_i^{1-1/\alpha}|$ relative to the second term, beyond the rounding
        of the first.

    Raises:
        ValueError: if `alpha` or `max_norm` is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.fairgrad(2, alpha=1.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 0.0], [0.0, 0.5]]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(w), 3) for w in state.weights]
        [0.25, 2.0]

    Source: Ban and Ji, "Fair Resource Allocation in Multi-Task Learning", ICML 2024, arXiv
    2402.15638.
    Differs from the paper: damped Newton on a convex potential, exact at every scale, in place of
    a least-squares solver; the clip scales task heads too.
    """
    check_number("alpha", alpha, strict=True)
    check_number("max_norm", max_norm, strict=True, finite=False)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return fair(gram, active, alpha, max_norm), state

    return from_gram(num_objectives, no_state, weigh)
