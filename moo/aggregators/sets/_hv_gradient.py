"""Hypervolume gradient: every solution moves to enlarge the volume that the set dominates."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import scale_exponents, times_power_of_two
from moo._types import Array
from moo.aggregators._base import Aggregator, check_num_objectives
from moo.aggregators._checks import check_number
from moo.aggregators.sets._base import from_population, no_own_state

_MOST_OBJECTIVES = 3


def hv_gradient(num_objectives: int, *, reference: ArrayLike | None = None) -> Aggregator:
    r"""Ascend the hypervolume of K solutions, front by front.

    Each front of the non-dominated sorting has its own hypervolume $H$ below the reference point,
    and $w_k = u_k / \lVert u_k \rVert$ with $u_{ki} = -\partial H / \partial \ell_{ki}$: the part
    of the facet of solution k towards objective i that no other solution of its front covers. So
    a dominated solution moves as well. The reference is $\max(r, 1.1 \max_k \ell_k)$ in each
    objective.

    Args:
        num_objectives: the number m of objectives, at most 3.
        reference: $r$, a number or shape (m,). None: that of the solutions alone, which needs
            positive losses.

    Returns:
        An aggregator for `moo.population_jacobian`, with a `SetState`. Its weights have norm 1
        for each solution; they are 0 where the hypervolume has no derivative (a solution that is
        tied in an objective with another of its front). Equal solutions count once, and all
        receive its weights. One backward pass a solution.

    Raises:
        TypeError: if `reference` consists of no real numbers.
        ValueError: if there are more than 3 objectives, or `reference` has a wrong shape or is not
            finite.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.hv_gradient(2, reference=6.0)
        >>> population = jnp.array([[1.0, 5.0], [2.0, 2.0]])
        >>> jac = moo.population_jacobian(lambda x: x, population)
        >>> _, state = tx.update(jac, tx.init(population))
        >>> [[round(float(x), 3) for x in row] for row in state.weights]
        [[0.707, 0.707], [0.6, 0.8]]

    Source: Deist, Grewal, Dankers, Alderliesten, Bosman, "Multi-Objective Learning to Predict
    Pareto Fronts Using Hypervolume Maximization", 2021, arXiv 2102.04523.
    Differs from the paper: at most three objectives.
    """
    check_num_objectives(num_objectives)
    if num_objectives > _MOST_OBJECTIVES:
        raise ValueError(
            f"num_objectives must be at most {_MOST_OBJECTIVES} for hv_gradient, got "
            f"{num_objectives}: stch_set serves many objectives"
        )
    if reference is not None and np.shape(reference) not in ((), (num_objectives,)):
        raise ValueError(
            f"reference must be a number or have shape ({num_objectives},), got "
            f"{np.shape(reference)}"
        )
    if reference is not None and not isinstance(reference, jax.core.Tracer):
        for entry in np.ravel(reference):
            check_number("reference", entry, low=-math.inf)

    def weigh(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        grown = 1.1 * jnp.max(losses, axis=0)
        given = 0.0 if reference is None else jnp.asarray(reference, losses.dtype)
        corner = jnp.maximum(grown, given)
        # Areas of losses at 1e20 or 1e-20 are no numbers in float32.
        power = scale_exponents([jnp.concatenate([losses, corner[None]])[None]])[0]
        small, corner = (times_power_of_two(x, -power) for x in (losses, corner))
        return _units(facets(small, corner, fronts(losses))), state

    return from_population(num_objectives, no_own_state, weigh)


@jax.jit
def fronts(losses: Array) -> Array:
    """Sort solutions by non-domination: the number of the front of each, int32, shape (K,).

    A solution is dominated by another that is nowhere worse and somewhere better; its front comes
    after the last one of those that dominate it.
    """
    ahead, behind = losses[:, None, :], losses[None, :, :]
    dominates = (ahead <= behind).all(axis=2) & (ahead < behind).any(axis=2)

    def deepen(rank: Array) -> Array:
        return jnp.max(jnp.where(dominates, rank[:, None] + 1, 0), axis=0)

    start = jnp.zeros(len(losses), jnp.int32)
    return lax.while_loop(
        lambda s: (s[0] != s[1]).any(), lambda s: (s[1], deepen(s[1])), (start - 1, start)
    )[1]


def facets(losses: Array, reference: Array, front: Array) -> Array:
    """Return minus the gradient of each front's hypervolume, shape (K, m)."""
    same = front[:, None] == front[None, :]
    return jnp.stack([_facet(losses, reference, same, i) for i in range(losses.shape[1])], axis=1)


def _facet(losses: Array, reference: Array, same: Array, i: int) -> Array:
    """Measure the facets towards objective i, less what better solutions in i cover of them."""
    others = [j for j in range(losses.shape[1]) if j != i]
    own, corners, corner = losses[:, i], losses[:, others], reference[jnp.array(others, int)]
    covering = same & (own[None, :] < own[:, None])
    equal = (losses[:, None, :] == losses[None, :, :]).all(axis=2)
    tied = (same & (own[None, :] == own[:, None]) & ~equal).any(axis=1)
    if not others:
        return jnp.where(jnp.isnan(own), own, 1)

    def size(point: Array, covers: Array) -> Array:
        blocked = jnp.maximum(jnp.where(covers[:, None], corners, corner), point)
        return jnp.prod(corner - point) - _covered(blocked, corner)

    return jnp.where(tied, 0, jnp.maximum(jax.vmap(size)(corners, covering), 0))


def _covered(points: Array, corner: Array) -> Array:
    """Return the length or area that points below the corner dominate."""
    if points.shape[1] == 1:
        return corner[0] - jnp.min(points)
    points = points[jnp.argsort(points[:, 0])]
    widths = jnp.diff(points[:, 0], append=corner[0])
    return jnp.sum(widths * (corner[1] - lax.cummin(points[:, 1])))


def _units(weights: Array) -> Array:
    """Divide by the norm of each row; a zero row stays."""
    peak = jnp.max(weights, axis=1, keepdims=True)
    weights = weights / jnp.where(peak == 0, 1, peak)
    length = jnp.sqrt(jnp.sum(weights**2, axis=1, keepdims=True))
    return weights / jnp.where(length == 0, 1, length)
