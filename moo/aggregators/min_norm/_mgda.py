"""The multiple-gradient descent algorithm."""

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._solution import Solution


def mgda(num_objectives: int) -> Aggregator:
    r"""Take the shortest vector in the convex hull of the gradients.

    $w = \arg\min_{w \in \Delta} \lVert J^\top w \rVert^2$. Then $g_i^\top v \ge \lVert v \rVert^2$
    for every i: v is 0 at a Pareto-stationary point, elsewhere it decreases every loss. A zero row
    makes v = 0.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `convex` scale. Its `residual` is the duality gap
        $(\lVert v \rVert^2 - \min_i g_i^\top v) / \lVert v \rVert^2$.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.mgda(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.4, 0.8]

    Source: Désidéri, "Multiple-gradient descent algorithm (MGDA) for multiobjective optimization",
    Comptes Rendus Mathématique 2012; for networks Sener and Koltun, NeurIPS 2018, arXiv 1810.04650.
    Differs from the paper: the minimum is exact, where Sener and Koltun's Frank-Wolfe stops early
    and their two-row rule returns 0.999 and 0.001 in place of 1 and 0.
    """

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return min_norm(gram, active), state

    return from_gram(num_objectives, no_state, weigh)
