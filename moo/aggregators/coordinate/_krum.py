"""Krum: the gradients with the closest neighbours."""

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_count
from moo.aggregators._solvers._rows import Rows, rounding
from moo.aggregators._solvers._solution import Solution


def krum(num_objectives: int, *, num_byzantine: int = 0, num_selected: int = 1) -> Aggregator:
    r"""Select the gradients whose nearest neighbours are closest, and average them.

    $s_i = \sum_{j \to i} \lVert g_i - g_j \rVert^2$ over the $m - b - 2$ nearest neighbours of
    $g_i$; v is the mean of the `num_selected` rows of lowest score (Multi-Krum; one for Krum).

    Args:
        num_objectives: the number m of objectives; the paper asks for $m > 2b + 2$.
        num_byzantine: b >= 0, how many gradients may be anything. With b + 2 active rows or
            fewer, one neighbour still counts.
        num_selected: how many rows are averaged, >= 1; 1 as in the paper, and all of the active
            ones where they are fewer.

    Returns:
        A linear aggregator of m backward passes, convex scale, without state. Rows whose scores
        tie, up to rounding, share their places: two rows, exactly opposite ones too, give their
        mean, three the mean of the closest pair. A zero row is a candidate like any other.

    Raises:
        TypeError: if an argument is no int.
        ValueError: if it is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [50.0, 1.0]]))
        >>> method = moo.krum(num_objectives=4)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [2.0, 0.0]

    Source: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine
    Tolerant Gradient Descent", NeurIPS 2017, arXiv 1703.02757; there over workers.
    Differs from the paper: tied rows share a place, where the paper takes the one of lowest
    index, because with one neighbour a tie is the rule. Distances are squared as in the paper;
    some ports add up plain ones.
    """
    check_count("num_byzantine", num_byzantine, low=0)
    check_count("num_selected", num_selected, low=1)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        rows = Rows.of(gram, active)
        number = jnp.sum(active)
        scores, slack = _scores(rows, jnp.maximum(number - num_byzantine - 2, 1))
        weights = _lowest(scores, slack, active, jnp.minimum(num_selected, number))
        return rows.solution(weights, jnp.zeros((), weights.dtype)), state

    return from_gram(num_objectives, no_state, weigh)


def _scores(rows: Rows, neighbours: Array) -> tuple[Array, Array]:
    """Add up the nearest squared distances in units of the longest row, and their rounding."""
    a, b = rows.length[:, None], rows.length[None, :]
    products = 2 * a * b
    other = rows.active[None, :] & ~jnp.eye(len(rows.active), dtype=bool)
    squared = jnp.where(other, (a - b) ** 2 + products * (1 - rows.cosines), jnp.inf)
    order = jnp.argsort(squared, axis=1)
    nearest = jnp.take_along_axis(squared, order, axis=1)
    near = (jnp.arange(len(squared)) < neighbours) & jnp.isfinite(nearest)
    doubt = rounding(squared.dtype) * jnp.take_along_axis(products, order, axis=1)
    return jnp.sum(jnp.where(near, nearest, 0), axis=1), jnp.sum(jnp.where(near, doubt, 0), axis=1)


def _lowest(scores: Array, slack: Array, active: Array, selected: Array) -> Array:
    """Share a total weight of 1 over the lowest scores, equally among those that tie."""
    scores = jnp.where(active, scores, jnp.inf)
    last = jnp.argsort(scores)[jnp.maximum(selected - 1, 0)]
    below = scores + slack < scores[last] - slack[last]
    tied = active & ~below & (scores - slack <= scores[last] + slack[last])
    places = (selected - jnp.sum(below)) / jnp.maximum(jnp.sum(tied), 1)
    shares = below + tied * places.astype(scores.dtype)
    return shares / jnp.maximum(selected, 1)
