"""MGDA in which no gradient may count for more than a cap."""

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._solvers._capped import capped_min_norm
from moo.aggregators._solvers._solution import Solution


def capped_mgda(num_objectives: int, *, cap: ArrayLike = 0.5) -> Aggregator:
    r"""Take the shortest vector among the convex combinations with no weight above a cap.

    $w = \arg\min_w \tfrac12 \lVert J^\top w \rVert^2$ over the simplex with $w_i \le c$. It solves
    $\min_d \mathrm{CVaR}(\{-g_i^\top d\}) + \tfrac12 \lVert d \rVert^2$ over the worst 1 / c rows:
    the mean of the 1 / c smallest $g_i^\top v$ is $\lVert v \rVert^2$, while single rows may
    conflict. c = 1 is MGDA, c <= 1 / m the mean. A zero row counts for at most c, where it makes
    MGDA's step 0; of exactly opposite rows the longer one wins once the cap binds.

    Args:
        num_objectives: the number m of objectives.
        cap: c in (0, 1]; below 1 over the number of active objectives it counts as that. The
            default is ours.

    Returns:
        An aggregator of `convex` scale, without state, for m backward passes. Its `residual` is
        the duality gap over the capped simplex, relative to $\lVert v \rVert^2$. An objective of
        weight 0 leaves its task head untrained: use `heads="plain"`.

    Raises:
        ValueError: if `cap` is not in (0, 1].

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.capped_mgda(2, cap=0.75)
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 0.0], [0.0, 1.0]]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(w), 3) for w in state.weights]
        [0.25, 0.75]

    Source: Hu, Ho and Yu, "A Unified Framework for Gradient Aggregation in Multi-Objective
    Optimization", 2026, arXiv 2605.30452.
    Differs from the paper: its abstract names the CVaR formulation and a cap of 1 as MGDA, and the
    program above is derived from these; the paper's own equation was not seen.
    """
    check_number("cap", cap, strict=True)
    check_share("cap", cap, closed=True)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        return capped_min_norm(gram, active, cap), state

    return from_gram(num_objectives, no_state, weigh)
