"""The gradient of penalty-based boundary intersection."""

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


def pbi(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    ideal: Point = 0.0,
    theta: ArrayLike = 5.0,
) -> Aggregator:
    r"""Follow the gradient of penalty-based boundary intersection.

    With $f = \ell - z$ and $\hat\lambda = \lambda / \lVert \lambda \rVert$:
    $\min d_1 + \theta d_2$, $d_1 = f^\top \hat\lambda$ along the preferred ray and
    $d_2 = \lVert f - d_1 \hat\lambda \rVert$ across it. So
    $w = \hat\lambda + \theta (f - d_1 \hat\lambda) / d_2$, and $w = \hat\lambda$ on the ray.

    Args:
        num_objectives: the number m of objectives.
        preference: $\lambda$, shape (m,), non-negative; by default, and where it is 0 for all
            active objectives, 1 over the number of those. An extra argument `preference` of
            `update` takes its place.
        ideal: z, a number or shape (m,), below the losses that can be reached.
        theta: $\theta \ge 0$ (5 in the paper).

    Returns:
        A linear aggregator of one backward pass, without state of its own. Weights can be
        negative, so a step may raise a loss, and a minimum need not be Pareto-optimal.

    Raises:
        ValueError: if a shape or an entry is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([0.0, 4.0]))
        >>> method = moo.pbi(num_objectives=2, preference=(0.0, 1.0))
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [0.0, 1.0]

    Source: Zhang and Li, "MOEA/D: A Multiobjective Evolutionary Algorithm Based on
    Decomposition", IEEE Transactions on Evolutionary Computation 2007.
    Differs from the paper: its gradient, where the paper compares values only; losses that lie on
    the ray up to rounding count as on it.
    """
    check_number("theta", theta)
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
        ray = _unit(preference_weights(preference, losses, active))
        return ray + theta * _across(gaps(losses, ideal, active), ray), state

    return from_losses(num_objectives, no_state, weigh)


def _across(gap: Array, ray: Array) -> Array:
    """Return the unit vector from the ray to the gap; 0 where they differ by rounding only."""
    gap = _unit(gap)
    part = gap - jnp.sum(gap * ray) * ray
    # Once more: the first subtraction leaves of the ray what rounding of its coefficient does.
    part = part - jnp.sum(part * ray) * ray
    length = jnp.sqrt(jnp.sum(part**2))
    off = length > 8 * jnp.finfo(gap.dtype).eps
    return jnp.where(
        jnp.isnan(length), jnp.nan, jnp.where(off, part / jnp.where(off, length, 1), 0)
    )


def _unit(vector: Array) -> Array:
    """Return the vector over its norm, without overflow; 0 for the zero vector."""
    peak = jnp.max(jnp.abs(vector))
    scaled = vector / jnp.where(peak == 0, 1, peak)
    norm = jnp.sqrt(jnp.sum(scaled**2))
    return scaled / jnp.where(norm == 0, 1, norm)
