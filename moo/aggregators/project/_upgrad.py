"""Unconflicting projection of gradients."""

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import Preference, check_preference, preference_weights
from moo.aggregators._solvers._dual_cone import project_rows
from moo.aggregators._solvers._solution import Solution


def upgrad(num_objectives: int, *, preference: Preference | None = None) -> Aggregator:
    r"""Project every gradient onto the dual cone of all of them, and average.

    $v = \sum_i p_i \,\mathrm{Proj}_{K^*}(g_i)$ with $K^* = \{x : J x \ge 0\}$. It conflicts with no
    row, and is linear under scaling of the rows. For m = 2 it is half of PCGrad's direction.

    Args:
        num_objectives: the number m of objectives.
        preference: p, shape (m,), non-negative; by default, and where it is 0 for all active
            objectives, 1 over the number of those. An extra argument `preference` of
            `update` (of step, run or fit) takes its place.

    Returns:
        An aggregator of `mean` scale, without state, for m backward passes. Its `residual` is the
        worst conflict, $-\min_i g_i^\top v / (\lVert g_i \rVert \lVert v \rVert)$, as
        far as it exceeds its rounding error. The m programs of m unknowns share one factorisation
        where the rows are independent; where they are not, each takes a few of its own:
        milliseconds for tens of rows, but seconds on a CPU for 512. `dual_proj` solves one program.

    Raises:
        ValueError: if `preference` has the wrong shape.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.upgrad(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [-1.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.5, 1.0]

    Source: Quinton and Rey, "Jacobian Descent for Multi-Objective Optimization", 2024, arXiv
    2406.16232.
    Differs from the paper: none; no ridge is left in the answer, which in the authors' code breaks
    the guarantee where scales differ.
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
        return project_rows(gram, active, preference_weights(preference, gram.norms, active)), state

    return from_gram(num_objectives, no_state, weigh)
