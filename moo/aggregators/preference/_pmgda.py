"""Preference-based multiple gradient descent."""

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import (
    Preference,
    check_number,
    check_preference,
    check_share,
    preference_weights,
)
from moo.aggregators._solvers._guided import guided
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.preference._losses import expect_losses
from moo.aggregators.preference._ray import Offset


def pmgda(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    h_eps: ArrayLike = 0.01,
    sigma: ArrayLike = 0.95,
) -> Aggregator:
    r"""Return to the preferred ray first, then take MGDA's direction.

    With $h = \lVert \ell - \hat p \hat p^\top \ell \rVert$, the distance of the losses from the ray
    of p, and $\nabla h = J^\top \partial h$: while $h \ge h_\epsilon$, v has the best worst
    decrease $\min_i g_i^\top v$ in the hull of the unit rows and $\nabla h / \lVert \nabla h
    \rVert$, subject to $\nabla h^\top v \ge \sigma \lVert \nabla h \rVert$. Nearer, or where
    $\nabla h = 0$, v is the shortest vector in the hull of the rows. Rows that repeat or oppose
    each other may leave several best directions of return; which of them is taken is then decided
    by rounding, and may differ between compiled programs.

    Args:
        num_objectives: the number m of objectives.
        preference: p, shape (m,), non-negative; the losses are to be proportional to it. By default
            equal. An extra argument `preference` of `update` (of step, run or fit) takes its place.
        h_eps: $h_\epsilon \ge 0$, in units of the losses (0.01 in the authors' configuration).
        sigma: $\sigma$ in [0, 1], the least part of the steepest return (0.95 in the authors'
            configuration, which their solver reads in place of its constructor's 0.1).

    Returns:
        A linear aggregator without a state of its own. v is of length at most 1 while it returns,
        and of MGDA's length after; weights may be negative, and a return may raise losses on
        purpose. Its `residual` is that of the linear program, or MGDA's gap. m backward passes.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if one is out of range, or losses are missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.pmgda(2, sigma=1.0)
        >>> jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([3.0, 1.0]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.707, -0.707]

    Source: Zhang, Lin and Zhang, "PMGDA: A Preference-based Multiple Gradient Descent Algorithm",
    2024, arXiv 2402.09492; rule and effective defaults as in its code (libmoon).
    Differs from the paper: rows are divided by their norms, where the code adds 1e-4 to them; of
    its distances to the ray, the Euclidean one.
    """
    check_preference(preference, num_objectives)
    check_number("h_eps", h_eps)
    check_share("sigma", sigma, closed=True)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        losses = expect_losses(losses, "pmgda")
        check_preference(preference, num_objectives)
        ray = preference_weights(preference, losses, active)
        offset = Offset.of(losses, ray, active)
        pull = jnp.where(offset.distance < h_eps, 0, offset.direction)
        return guided(gram, active, pull, sigma), state

    return from_gram(num_objectives, no_state, weigh)
