"""Conflict-averse gradient descent."""

from typing import Literal, TypeAlias, get_args

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._conic import conflict_averse
from moo.aggregators._solvers._solution import Solution

Rescale: TypeAlias = Literal["paper", "code"]


def cagrad(num_objectives: int, *, c: ArrayLike = 0.4, rescale: Rescale = "paper") -> Aggregator:
    r"""Take the best worst-case decrease near the mean gradient.

    $v = \arg\max_v \min_i g_i^\top v$ subject to $\lVert v - g_0 \rVert \le c \lVert g_0 \rVert$,
    with $g_0$ the mean row: $v = g_0 + c \lVert g_0 \rVert g_w / \lVert g_w \rVert$. c = 0 is the
    mean, $c \to \infty$ has MGDA's direction, and v conflicts with no row once c >= 1.

    Where $g_w$ vanishes (at a Pareto-stationary point, or with a zero row) every point of the ball
    that conflicts with no row solves the problem, and v is the nearest to $g_0$ of them: the
    projection of $g_0$ onto the dual cone. For c < 1 it is never 0, unless $g_0$ is.

    Args:
        num_objectives: the number m of objectives.
        c: radius of the ball in units of $\lVert g_0 \rVert$, at least 0 (0.4 in the paper's NYUv2
            runs).
        rescale: `"paper"` for v as above; `"code"` divides it by $1 + c^2$, as the authors' code
            for networks does.

    Returns:
        An aggregator of `mean` scale, without state, for m backward passes. Its `residual` is the
        relative duality gap.

    Raises:
        TypeError: if `c` is no number.
        ValueError: if `c` is negative or not finite, or `rescale` unknown.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.cagrad(2, c=0.5)
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.75, 0.75]

    Source: Liu, Liu, Jin, Stone and Liu, "Conflict-Averse Gradient Descent for Multi-task
    Learning", NeurIPS 2021, arXiv 2110.14048.
    Differs from the paper: what happens where $g_w = 0$, which the paper leaves open.
    """
    if rescale not in get_args(Rescale):
        raise ValueError(f"rescale must be one of {', '.join(get_args(Rescale))}, got {rescale!r}")
    check_number("c", c)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        solution = conflict_averse(gram, active, c)
        shrink = 1 + c**2 if rescale == "code" else 1
        return solution._replace(weights=solution.weights / shrink), state

    return from_gram(num_objectives, no_state, weigh)
