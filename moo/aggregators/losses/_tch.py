"""The gradient of the worst weighted loss."""

from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import Preference, check_preference
from moo.aggregators.losses._tchebycheff import (
    Form,
    Point,
    check_point,
    check_positive,
    factors,
    gaps,
    slopes_of_maximum,
)


def tch(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    ideal: Point = 0.0,
    form: Form = "weighted",
) -> Aggregator:
    r"""Follow the gradient of the largest weighted distance from an ideal point.

    $\min \max_i \lambda_i (\ell_i - z_i)$, so $w_i = \lambda_i$ for the maximum and 0 for the
    others; k tied ones receive $\lambda_i / k$. Every Pareto-optimal point, on convex fronts and
    on others, minimises it for some preference.

    Args:
        num_objectives: the number m of objectives.
        preference: $\lambda$, shape (m,), non-negative; by default, and where it is 0 for all
            active objectives, 1 over the number of those. An extra argument `preference` of
            `update` takes its place.
        ideal: z, a number or shape (m,), below the losses that can be reached.
        form: `"weighted"`, or `"modified"` for $\max_i (\ell_i - z_i) / \lambda_i$, whose minimum
            lies where the ray from z along $\lambda$ meets the front; $\lambda > 0$ then.

    Returns:
        A linear aggregator of one backward pass, without state of its own. The weights are those
        of a subgradient: they jump where the maximum changes (`stch` is the smooth form). An
        objective of weight 0 leaves its task head untrained: use `heads="plain"`.

    Raises:
        ValueError: if a shape, an entry or the form is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> method = moo.tch(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [0.0, 0.5]

    Source: Bowman, "On the Relationship of the Tchebycheff Norm and the Efficient Frontier of
    Multiple-Criteria Objectives", Multiple Criteria Decision Making, Springer 1976.
    Differs from the paper: none; which subgradient is taken at a tie is ours.
    """
    check_choice("form", form, Form)
    check = check_preference if form == "weighted" else check_positive
    check(preference, num_objectives)
    check_point("ideal", ideal, num_objectives)

    def weigh(
        losses: Array,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Array, tuple[()]]:
        check(preference, num_objectives)
        scale = factors(preference, form, losses, active)
        scores = scale * gaps(losses, ideal, active)
        return scale * slopes_of_maximum(scores, None, active), state

    return from_losses(num_objectives, no_state, weigh)
