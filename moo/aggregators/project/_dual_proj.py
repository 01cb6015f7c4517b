"""Projection of the mean gradient onto the dual cone."""

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import Preference, check_preference, preference_weights
from moo.aggregators._solvers._dual_cone import project_sum
from moo.aggregators._solvers._solution import Solution


def dual_proj(num_objectives: int, *, preference: Preference | None = None) -> Aggregator:
    r"""Project the mean gradient onto the dual cone of the gradients.

    $v = \mathrm{Proj}_{K^*}(J^\top p)$ with $K^* = \{x : J x \ge 0\}$: the nearest vector to the
    mean gradient that conflicts with no row.

    Args:
        num_objectives: the number m of objectives.
        preference: p, shape (m,), non-negative; by default, and where it is 0 for all active
            objectives, 1 over the number of those. An extra argument `preference` of
            `update` (of step, run or fit) takes its place.

    Returns:
        An aggregator of `mean` scale, without state, for m backward passes. Its `residual` is the
        worst conflict, $-\min_i g_i^\top v / (\lVert g_i \rVert \lVert v \rVert)$, as far as it
        exceeds its rounding error.

    Raises:
        ValueError: if `preference` has the wrong shape.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.dual_proj(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [-4.0, 4.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> bool(jnp.allclose(update, jnp.array([0.0, 2.0]), atol=1e-6))
        True

    Source: Lopez-Paz and Ranzato, "Gradient Episodic Memory for Continual Learning", NeurIPS 2017,
    arXiv 1706.08840; as an aggregator of objectives, Quinton and Rey, 2024, arXiv 2406.16232.
    Differs from the paper: there one gradient is projected against those of past tasks, here the
    mean against all.
    """
    check_preference(preference, num_objectives)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        check_preference(preference, num_objectives)
        return project_sum(gram, active, preference_weights(preference, gram.norms, active)), state

    return from_gram(num_objectives, no_state, weigh)
