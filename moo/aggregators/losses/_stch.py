"""The gradient of a smooth maximum of the weighted losses."""

from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import Preference, check_number, check_preference
from moo.aggregators.losses._tchebycheff import (
    Form,
    Point,
    check_point,
    check_positive,
    factors,
    gaps,
    slopes_of_maximum,
)


def stch(
    num_objectives: int,
    *,
    mu: ArrayLike = 0.1,
    preference: Preference | None = None,
    ideal: Point = 0.0,
    form: Form = "weighted",
) -> Aggregator:
    r"""Follow the gradient of the smooth Tchebycheff scalarization.

    $\min \mu \log \sum_i \exp\bigl(\lambda_i (\ell_i - z_i) / \mu\bigr)$, so
    $w_i = \lambda_i\, \mathrm{softmax}_i\bigl(\lambda (\ell - z) / \mu\bigr)$: for $\mu \to 0$
    the worst weighted loss alone (`tch`), for large $\mu$ the weighted mean of all.

    Args:
        num_objectives: the number m of objectives.
        mu: $\mu > 0$, in units of weighted losses; the paper tries 0.01 to 1, the default is ours.
        preference: $\lambda$, shape (m,), non-negative; by default, and where it is 0 for all
            active objectives, 1 over the number of those. An extra argument `preference` of
            `update` takes its place.
        ideal: z, a number or shape (m,), below the losses that can be reached.
        form: `"weighted"`, or `"modified"`, which divides by $\lambda > 0$ in place of
            multiplying.

    Returns:
        A linear aggregator of one backward pass, without state of its own.

    Raises:
        ValueError: if a shape, an entry or the form is wrong, or mu is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> method = moo.stch(num_objectives=2, mu=0.5)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.134, 0.366]

    Source: Lin, Zhang, Yang, Liu, Wang, Zhang, "Smooth Tchebycheff Scalarization for
    Multi-Objective Optimization", ICML 2024, arXiv 2402.19078.
    Differs from the paper: none; `"modified"` is the same smoothing of the modified form.
    """
    check_choice("form", form, Form)
    check_number("mu", mu, strict=True)
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
        return scale * slopes_of_maximum(scores, mu, active), state

    return from_losses(num_objectives, no_state, weigh)
