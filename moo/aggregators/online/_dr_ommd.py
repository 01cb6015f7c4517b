"""The shortest combination of the gradients, pulled towards preset weights."""

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import (
    Preference,
    check_number,
    check_preference,
    preference_weights,
)
from moo.aggregators._solvers._regularised import regularised_min_norm
from moo.aggregators._solvers._solution import Solution


def dr_ommd(
    num_objectives: int,
    *,
    alpha: ArrayLike | None = None,
    alpha_relative: ArrayLike = 0.1,
    prior: Preference | None = None,
) -> Aggregator:
    r"""Take min-norm weights that an L1 penalty holds near a prior.

    $w = \arg\min_{w \in \Delta} \lVert J^\top w \rVert^2 + \alpha \lVert w - \lambda_0 \rVert_1$.
    Weights that follow single rounds freely make the regret of the plain min-norm point linear;
    the penalty leaves them at the prior unless the gradients gain more than it costs. 0 is `mgda`,
    a large $\alpha$ linear scalarization by $\lambda_0$. The second regularizer is the mirror map
    of what follows in the chain: `optax.sgd`, with `moo.aggregators.project_ball` behind it where
    the domain is a ball, or `moo.aggregators.exponentiated` where it is a simplex.

    Args:
        num_objectives: the number m of objectives.
        alpha: $\alpha \ge 0$, in units of a squared gradient; None for `alpha_relative`.
        alpha_relative: $\alpha$ in units of $\mathrm{tr}(J J^\top) / m$, at least 0, so that no
            scale of the gradients matters. The default is ours.
        prior: $\lambda_0$, shape (m,), non-negative, scaled to the simplex over the active
            objectives; equal weights by default, and where it is 0 for all of these. An extra
            argument `prior` of `update` takes its place.

    Returns:
        An aggregator of m backward passes, convex scale, without state. Its `residual` is the
        duality gap relative to the objective's value.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.dr_ommd(2, alpha=1.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.8, 0.6]

    Source: Jiang, Zhang, Zhou, Gu, Zeng, Zhu, "Multi-Objective Online Learning", ICLR 2023.
    Differs from the paper: its rate of $\alpha_t$ was not found and is left to a schedule; a
    relative one is the default.
    """
    if alpha is not None:
        check_number("alpha", alpha)
    check_number("alpha_relative", alpha_relative)
    check_preference(prior, num_objectives, "prior")
    relative = alpha is None
    strength = alpha_relative if alpha is None else alpha

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        prior: Preference | None = prior,
    ) -> tuple[Solution, tuple[()]]:
        check_preference(prior, num_objectives, "prior")
        target = preference_weights(prior, gram.norms, active)
        # Half the objective, so half the penalty.
        pull = 0.5 * strength
        return regularised_min_norm(gram, active, target, l1=pull, relative=relative), state

    return from_gram(num_objectives, no_state, weigh)
