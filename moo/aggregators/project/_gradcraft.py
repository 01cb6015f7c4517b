"""GradCraft: gradients of like lengths, each turned off all that it conflicts with at once."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_gram
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._solvers._rows import Rows, dot, least_length, matmul, rounding, times
from moo.aggregators._solvers._solution import Solution


class GradCraftState(NamedTuple):
    """Moving averages of the rows' norms, shape (m,)."""

    norms: Array


def gradcraft(
    num_objectives: int,
    *,
    relaxation: ArrayLike = 0.1,
    margin: ArrayLike = 1e-10,
    decay: ArrayLike = 0.0,
) -> Aggregator:
    r"""Bring the gradients to like lengths, turn each off all its conflicts at once, and average.

    With moving averages $e_i \leftarrow b e_i + (1 - b) \lVert g_i \rVert$: $h_i = (r \max_j e_j /
    e_i + 1 - r)\, g_i$. For each i with $S = \{j : h_i^\top h_j < 0\}$, $p_i = h_i + H_S^\top y$
    with y such that $p_i^\top h_j = \epsilon \lVert h_i \rVert \lVert h_j \rVert$ for all j in S;
    $v = \tfrac1m \sum_i p_i$. A $p_i$ may conflict with rows outside S, so v is free of conflict
    for m = 2 only. A zero row is left as it is; exactly opposite rows give v = 0 up to $\epsilon$.

    Args:
        num_objectives: the number m of objectives.
        relaxation: r in [0, 1]; 1 makes all lengths equal to the longest (0.1 is the example of
            the authors' code, which searches 0, 0.1, ..., 1).
        margin: $\epsilon \ge 0$ (1e-10, 1e-9 or 1e-8 in the authors' code).
        decay: b in [0, 1) (0 in the authors' code: no average).

    Returns:
        A linear aggregator of `mean` scale for m backward passes, with a `GradCraftState`.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.gradcraft(2, relaxation=1.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [-0.6, 0.8]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.64, 1.28]

    Source: Bai, Zhang, Feng, Lu, Zang, Lei and Song, "GradCraft: Elevating Multi-task
    Recommendations through Holistic Gradient Crafting", KDD 2024, arXiv 2407.19682.
    Differs from the paper: none in the rule; coordinates that only some objectives reach are not
    guessed from zeros as in the authors' code, `shared` says them; where the rows of S are
    dependent, the least y.
    """
    check_share("relaxation", relaxation, closed=True)
    check_number("margin", margin)
    check_share("decay", decay)

    def init(params: Params, dtype: Any) -> GradCraftState:
        return GradCraftState(jnp.zeros(num_objectives, dtype))

    def weigh(
        gram: Gram, losses: Array | None, state: GradCraftState, *, active: Array
    ) -> tuple[Solution, GradCraftState]:
        rows = Rows.of(gram, active)
        fresh = decay * state.norms + (1 - decay) * gram.lengths
        norms = jnp.where(active, fresh, state.norms).astype(state.norms.dtype)
        longest = jnp.max(jnp.where(active, norms, 0))
        # No more than the least relative length can take, beyond which a ratio may overflow.
        most = 1 / least_length(norms.dtype)
        stretch = jnp.minimum(longest / jnp.where(rows.present, norms, 1), most)
        lengths = rows.length * (relaxation * stretch + 1 - relaxation)
        units = times(_turned(rows, margin).T, lengths) / rows.number
        weights = jnp.where(rows.present, rows.per_length(units), 1 / rows.number)
        return rows.solution(weights, jnp.zeros((), units.dtype)), GradCraftState(norms)

    return from_gram(num_objectives, init, weigh)


class _Search(NamedTuple):
    point: Array  # (m, m): row i for gradient i, as all of them
    left: Array
    direction: Array
    rounds: Array  # (), int32


@jax.jit
def _turned(rows: Rows, margin: ArrayLike) -> Array:
    """Return the unit rows' coefficients in every turned unit row, shape (m, m).

    Conjugate gradients for all rows at once: one product of m x m matrices a round, and of a
    singular block the least solution.
    """
    met = rows.cosines < 0
    goal = jnp.where(met, margin - rows.cosines, 0).astype(rows.cosines.dtype)
    enough = rounding(goal.dtype) ** 2 * dot(goal, goal)
    faint = rounding(goal.dtype) * rows.number

    def unsettled(s: _Search) -> Array:
        return (dot(s.left, s.left) > enough).any() & (s.rounds < min(4 * len(goal), 256))

    def advance(s: _Search) -> _Search:
        pushed = jnp.where(met, matmul(s.direction, rows.cosines), 0)
        square, bend = dot(s.left, s.left), dot(s.direction, pushed)
        # What a singular block cannot reach must not be divided by its rounding.
        alive = (square > enough) & (bend > faint * dot(s.direction, s.direction))
        step = jnp.where(alive, square / jnp.where(alive, bend, 1), 0)[:, None]
        left = jnp.where(alive[:, None], s.left - step * pushed, 0)
        turn = jnp.where(alive, dot(left, left) / jnp.where(alive, square, 1), 0)[:, None]
        return _Search(s.point + step * s.direction, left, left + turn * s.direction, s.rounds + 1)

    start = _Search(jnp.zeros_like(goal), goal, goal, jnp.int32(0))
    return jnp.eye(len(goal), dtype=goal.dtype) + lax.while_loop(unsettled, advance, start).point
