"""The gradient of the augmented achievement scalarizing function."""

from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import Preference, check_number
from moo.aggregators.losses._tchebycheff import (
    Point,
    check_point,
    check_positive,
    factors,
    gaps,
    slopes_of_maximum,
)


def asf(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    reference: Point = 0.0,
    rho: ArrayLike = 0.1,
    mu: ArrayLike | None = None,
) -> Aggregator:
    r"""Follow the gradient of the augmented achievement scalarizing function.

    $\min \max_i \frac{\ell_i - r_i}{\lambda_i} + \rho \sum_i \frac{\ell_i - r_i}{\lambda_i}$, so
    $w_i = (s_i + \rho) / \lambda_i$ with $s_i$ the share of objective i in the maximum. The sum
    keeps weakly Pareto-optimal points out.

    Args:
        num_objectives: the number m of objectives.
        preference: $\lambda$, shape (m,), above 0; by default, and where a traced one is 0 for all
            active objectives, 1 over the number of those. An extra argument `preference` of
            `update` takes its place.
        reference: r, a number or shape (m,): the losses aspired to, reachable or not.
        rho: $\rho \ge 0$ (0.1 in libmoon); 0 is `tch` in its modified form.
        mu: None for the hard maximum, whose ties are split evenly, or the $\mu > 0$ of
            $\mu \log \sum \exp(\cdot / \mu)$ in its place (0.1 in libmoon).

    Returns:
        A linear aggregator of one backward pass, without state of its own.

    Raises:
        ValueError: if a shape or an entry is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> method = moo.asf(num_objectives=2, rho=0.5)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [1.0, 3.0]

    Source: Wierzbicki, "The Use of Reference Objectives in Multiobjective Optimization", Multiple
    Criteria Decision Making Theory and Application, Springer 1980.
    Differs from the paper: minimised, where the paper maximises; the smooth maximum is an addition.
    libmoon multiplies by $\lambda$ in the sum, where the definition divides.
    """
    check_number("rho", rho)
    if mu is not None:
        check_number("mu", mu, strict=True)
    check_positive(preference, num_objectives)
    check_point("reference", reference, num_objectives)

    def weigh(
        losses: Array,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Array, tuple[()]]:
        check_positive(preference, num_objectives)
        scale = factors(preference, "modified", losses, active)
        scores = scale * gaps(losses, reference, active)
        return scale * (slopes_of_maximum(scores, mu, active) + rho), state

    return from_losses(num_objectives, no_state, weigh)
