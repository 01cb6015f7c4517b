"""Flexible preferences by constrained vector optimization."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array, Params
from moo.aggregators._base import Aggregator, check_num_objectives, from_gram
from moo.aggregators._checks import (
    Preference,
    check_count,
    check_number,
    check_preference,
    preference_weights,
)
from moo.aggregators._solvers._simplex import over_active, project_simplex
from moo.aggregators.preference._losses import expect_losses
from moo.aggregators.preference._ray import across, unit_ray
from moo.aggregators.stochastic._multipliers import slope


class FereroState(NamedTuple):
    """Multipliers: of the decrease of all losses, and of the ray."""

    shares: Array  # (m,), in the simplex
    tilts: Array  # (m,), across the ray


def ferero(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    gamma: ArrayLike = 0.1,
    c: ArrayLike = 0.1,
    iterations: int = 1,
    restart: bool = False,
    bound: ArrayLike = 10.0,
) -> Aggregator:
    r"""Learn weights that lower all losses and bring them back to a ray at a constant rate.

    With B an orthonormal basis of what is across the ray of p, $\lambda = \lambda_f + B^\top
    \lambda_h$ and $v = J^\top \lambda$, the multipliers descend on $\tfrac12 \lVert J^\top \lambda
    \rVert^2 - c\, \lambda_h^\top B \ell$:
    $\lambda_f \leftarrow \Pi_\Delta(\lambda_f - \gamma J J^\top \lambda)$,
    $\lambda_h \leftarrow \lambda_h - \gamma (B J J^\top \lambda - c B \ell)$. At the fixed point
    $B J v = c B \ell$: the distance from the ray decays at the rate c. Only $B^\top \lambda_h$ and
    $B^\top B$ enter, so the choice of the basis does not.

    Args:
        num_objectives: the number m of objectives.
        preference: p, shape (m,), non-negative; the losses are to be proportional to it. By default
            equal. An extra argument `preference` of `update` (of step, run or fit) takes its place.
        gamma: $\gamma > 0$ (0.1 in the authors' code).
        c: at least 0 (0.1 in the authors' single loop, 1 in their subproblem).
        iterations: steps of the multipliers a step of the parameters, at least 1 (1 in the authors'
            single loop).
        restart: whether they start afresh each time. The single loop does not; the subproblem form
            is `iterations=250, c=1.0, restart=True`.
        bound: largest norm of $\lambda_h$, above 0; it grows without end where $B J = 0$ off the
            ray (ours).

    Returns:
        A linear aggregator whose state holds the multipliers, those of inactive objectives as they
        were; the first step takes $\lambda_f = 1/m$, $\lambda_h = 0$ from its start. Weights may be
        negative and add up to no fixed number. m backward passes.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if one is out of range, or losses are missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.ferero(2, gamma=1.0)
        >>> jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([4.0, 2.0]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.6, 0.4]

    Source: Chen, Saif, Shen and Chen, "FERERO: A Flexible Framework for Preference-Guided
    Multi-Objective Learning", NeurIPS 2024, arXiv 2412.01773; single loop and defaults as in its
    code.
    Differs from the paper: the cone of all losses only (A = I); B for any m, where the code has
    m = 2; one batch, where the stochastic form takes the last direction from a second one; the
    subproblem starts at $\lambda_h = 0$ in place of $1/(m - 1)$, and does not stop early.
    """
    m = check_num_objectives(num_objectives)
    check_preference(preference, m)
    check_number("gamma", gamma, strict=True)
    check_number("c", c)
    check_number("bound", bound, strict=True)
    check_count("iterations", iterations, low=1)

    def init(params: Params, dtype: Any) -> FereroState:
        return FereroState(jnp.full(m, 1 / m, dtype), jnp.zeros(m, dtype))

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: FereroState,
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Array, FereroState]:
        losses = jnp.where(active, expect_losses(losses, "ferero"), 0)
        check_preference(preference, m)
        ray = unit_ray(preference_weights(preference, losses, active), active)
        rate, largest = (jnp.asarray(number, ray.dtype) for number in (gamma, bound))
        wanted = jnp.asarray(c, ray.dtype) * across(losses, ray)

        def step(index: int, s: FereroState) -> FereroState:
            slopes = jnp.where(active, slope(gram, s.shares + s.tilts), 0)
            tilts = s.tilts - rate * (across(slopes, ray) - wanted)
            shares = project_simplex(s.shares - rate * slopes, active)
            return FereroState(shares, _within(tilts, largest))

        start = _start(state, ray, active, restart)
        last = lax.fori_loop(0, iterations, step, start)
        kept = FereroState(*(jnp.where(active, a, b) for a, b in zip(last, state, strict=True)))
        return last.shares + last.tilts, kept

    return from_gram(m, init, weigh)


def _start(state: FereroState, ray: Array, active: Array, restart: bool) -> FereroState:
    """Bring the multipliers to the active objectives and across the ray of this step."""
    if restart:
        return FereroState(over_active(jnp.ones_like(ray), active), jnp.zeros_like(ray))
    tilts = across(jnp.where(active, state.tilts, 0), ray)
    return FereroState(over_active(state.shares, active), tilts)


def _within(tilts: Array, bound: ArrayLike) -> Array:
    """Return the nearest point of a ball."""
    peak = jnp.max(jnp.abs(tilts))
    norm = peak * jnp.sqrt(jnp.sum((tilts / jnp.where(peak == 0, 1, peak)) ** 2))
    return jnp.where(norm > bound, tilts * (bound / jnp.where(norm > 0, norm, 1)), tilts)
