"""Descent along the bisector: the min-norm point of the unit gradients."""

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._rescale import unit_rows
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._rows import Rows
from moo.aggregators._solvers._solution import Solution


def edm(num_objectives: int) -> Aggregator:
    r"""Take the shortest vector in the hull of the unit gradients, at a convex scale.

    With $u_i = g_i / \lVert g_i \rVert$ and $\alpha = \arg\min_{\alpha \in \Delta} \lVert U^\top
    \alpha \rVert^2$: $w_i = (\alpha_i / \lVert g_i \rVert) / \sum_j \alpha_j / \lVert g_j \rVert$.
    For m = 2 it is the bisector $v = (\lVert g_2 \rVert g_1 + \lVert g_1 \rVert g_2) / (\lVert g_1
    \rVert + \lVert g_2 \rVert)$. The direction does not depend on the scales of the rows, and makes
    the same angle with every row that has weight. Zero rows are dropped; opposite rows give 0.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `convex` scale, without state, for m backward passes. Its `residual` is
        the duality gap of MGDA on the unit rows.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.edm(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]))
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()
        [0.75, 0.75]

    Source: Katrutsa, Merkulov, Tursynbek and Oseledets, "Follow the bisector: a simple method for
    multi-objective optimization", 2020, arXiv 2007.06937.
    Differs from the paper: the length for m > 2, which extends the two-row rule of the authors'
    code; the minimum is exact, where they use Frank-Wolfe; a zero row, for which the two-row rule
    gives v = 0, is dropped.
    """

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        rows = Rows.of(gram, active)
        solution = min_norm(unit_rows(gram), active & (gram.norms != 0))
        parts = rows.share * solution.weights
        total = jnp.sum(parts)
        return solution._replace(weights=parts / jnp.where(total == 0, 1, total)), state

    return from_gram(num_objectives, no_state, weigh)
