"""The gradient of a weighted p-norm of the losses."""

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import (
    Preference,
    check_number,
    check_preference,
    preference_weights,
)
from moo.aggregators.losses._tchebycheff import Point, check_point, gaps


def p_norm(
    num_objectives: int,
    *,
    p: ArrayLike = 2.0,
    preference: Preference | None = None,
    ideal: Point = 0.0,
) -> Aggregator:
    r"""Follow the gradient of the weighted p-norm of the distance from an ideal point.

    $\min \lVert \lambda \circ (\ell - z) \rVert_p$: compromise programming. With
    $f = \lambda \circ (\ell - z)$: $w_i = \lambda_i (|f_i| / \lVert f \rVert_p)^{p-1}
    \mathrm{sign} f_i$. p = 1 is linear scalarization, $p \to \infty$ the worst weighted loss
    (`tch`).

    Args:
        num_objectives: the number m of objectives.
        p: at least 1, finite; 2 is the distance of Euclid, and a default of ours.
        preference: $\lambda$, shape (m,), non-negative; by default, and where it is 0 for all
            active objectives, 1 over the number of those. An extra argument `preference` of
            `update` takes its place.
        ideal: z, a number or shape (m,), below the losses that can be reached.

    Returns:
        A linear aggregator of one backward pass, without state of its own. At the ideal point
        itself the weights are 0 for p > 1.

    Raises:
        ValueError: if a shape or an entry is wrong, or p is below 1.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([3.0, 4.0]))
        >>> method = moo.p_norm(num_objectives=2, preference=(1.0, 1.0))
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 5) for entry in update]
        [0.6, 0.8]

    Source: Yu, "A Class of Solutions for Group Decision Problems", Management Science 1973.
    Differs from the paper: none; preferences are a later addition.
    """
    check_number("p", p, low=1)
    check_preference(preference, num_objectives)
    check_point("ideal", ideal, num_objectives)

    def weigh(
        losses: Array,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Array, tuple[()]]:
        check_preference(preference, num_objectives)
        scale = preference_weights(preference, losses, active)
        return scale * _slopes(scale * gaps(losses, ideal, active), p), state

    return from_losses(num_objectives, no_state, weigh)


def _slopes(values: Array, p: ArrayLike) -> Array:
    """Return the gradient of the p-norm, from values over their largest, so that none overflows."""
    power = jnp.asarray(p, values.dtype)
    sizes = jnp.abs(values)
    peak = jnp.max(sizes)
    ratios = sizes / jnp.where(peak == 0, 1, peak)
    total = jnp.sum(ratios**power)
    norm = jnp.where(total == 0, 1, total) ** (1 / power)
    return jnp.where(values < 0, -1, 1) * (ratios / norm) ** (power - 1)
