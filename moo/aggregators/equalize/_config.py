"""Conflict-free inverse gradients."""

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._solvers._equal_projections import pseudo_solution
from moo.aggregators._solvers._rows import Rows, dot, rounding, times
from moo.aggregators._solvers._solution import Solution


def config(num_objectives: int) -> Aggregator:
    r"""Take the direction of equal cosines, as long as all gradients together reach along it.

    With unit rows U, $x = U^+ 1$ and $\hat x = x / \lVert x \rVert$: $v = (\sum_i g_i^\top \hat x)
    \hat x$. All of it lies in the span of the rows: $x = U^\top y$ with $y = (U U^\top)^+ 1$. For
    independent rows all cosines with v are equal and positive; for m = 2 the direction is the
    bisector. Where the rows are dependent x is the least-squares solution, which may conflict;
    $v^\top \sum_i g_i \ge 0$ always. Zero rows are dropped; opposite rows give 0.

    Args:
        num_objectives: the number m of objectives.

    Returns:
        An aggregator of `sum` scale, without state, for m backward passes. Its `residual` is the
        largest entry of the normal equations of y, beyond its rounding.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.config(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]))
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()
        [2.0, 2.0]

    Source: Liu, Chu and Thuerey, "ConFIG: Towards Conflict-free Training of Physics Informed Neural
    Networks", ICLR 2025, arXiv 2408.11104.
    Differs from the paper: zero rows are dropped, where the code asks them for a projection of 1
    as well; unequal target cosines are left out.
    """

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return _config(Rows.of(gram, active)), state

    return from_gram(num_objectives, no_state, weigh)


def _config(rows: Rows) -> Solution:
    ones = rows.present.astype(rows.cosines.dtype)
    if len(ones) == 2:
        # Both projections are 1 + cos, which cancels: no division by what vanishes.
        mean = jnp.sum(rows.length) / jnp.maximum(jnp.sum(ones), 1)
        return rows.solution(rows.per_length(mean * ones), jnp.zeros((), ones.dtype))
    units = pseudo_solution(rows, ones)
    projections = times(rows.cosines, units)
    # The squared length of the ones' part in the range of U; noise where it holds none of them.
    reached = dot(ones, projections) > rounding(ones.dtype) * rows.number
    square = dot(units, projections)
    scale = dot(rows.length, projections) / jnp.where(reached, square, 1)
    error = rounding(ones.dtype) * jnp.sum(jnp.abs(units))
    normal = jnp.max(jnp.abs(times(rows.cosines, jnp.where(rows.present, projections - 1, 0))))
    weights = rows.per_length(jnp.where(reached, scale * units, 0))
    return rows.solution(weights, jnp.where(reached, jnp.maximum(normal - error, 0), 0))
