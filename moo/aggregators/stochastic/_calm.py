"""CALM: conflict avoidance by lagged multipliers, of a Gramian tracked without bias."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Gram, Jacobian, check_params
from moo._jacobian._gram import times_power_of_two
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, check_num_objectives, combined, expect_jacobian
from moo.aggregators._checks import (
    Preference,
    check_number,
    check_preference,
    check_share,
    preference_weights,
)
from moo.aggregators._solvers._piecewise import minimise
from moo.aggregators._solvers._polar import EXACT, polar
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import matmul
from moo.aggregators._solvers._simplex import over_active
from moo.aggregators.stochastic._multipliers import labelled, scaled_products, stored

# The exponent of a Gramian that no batch was taken into, below that of any gradient.
_NEVER = -(2**20)


class TrackedGram(NamedTuple):
    """An average of Gramians over 2**exponent, and how far single ones are from it."""

    products: Array  # (m, m)
    deviation: Array  # (m, m), root mean square over batches
    exponent: Array  # (), int32
    counts: Array  # (m, m), int32: batches that had labels for both objectives


class CalmState(NamedTuple):
    """The weights used, the multipliers of the next step, and the Gramian they come from."""

    weights: Array  # (m,)
    multipliers: Array  # (m,)
    gram: TrackedGram


def calm(
    num_objectives: int,
    *,
    decay: ArrayLike = 0.8,
    rho1: ArrayLike = 0.5,
    rho2: ArrayLike = 1e-3,
    prior: Preference | None = None,
) -> Aggregator:
    r"""Step along multipliers that earlier batches chose, near the shortest combination.

    $v_t = J_t^\top \lambda_t$, and from halves of the batch with Jacobians $J_t', J_t''$

    $$C_t = C_{t-1} + t^{-\kappa} (\hat G_t - C_{t-1}), \quad
    \hat G_t = \tfrac12 (J_t' J_t''^\top + J_t'' J_t'^\top),$$
    $$\lambda_{t+1} = \arg\min_{\lambda \in \Delta} \tfrac12 \lambda^\top [C_t]_+ \lambda
    + \rho_1 e_t \lVert \lambda - \lambda_0 \rVert_1
    + \tfrac{\rho_2 g_t}{2} \lVert \lambda - \lambda_t \rVert^2.$$

    $[C]_+$ is C without its negative eigenvalues, $g_t = \mathrm{tr} [C_t]_+ / m$ (where that is
    0, $\lambda$ stays), and $e_t = t^{-\kappa/2} s_t$ the size of the noise that is left in $C_t$,
    where $s_t^2$ averages the squared entries of $\hat G_t - C_{t-1}$ in the same way; how far G
    has moved meanwhile is not in it. $\lambda_t$ does not depend on batch t, so $v_t$ is unbiased
    for $J^\top \lambda_t$; the halves are independent, so $\hat G_t$ is unbiased for
    $J J^\top$. The L1 term keeps the multipliers at the prior until gradients differ by more than
    the noise: from $\lambda_t = \lambda_0 > 0$ they move only where some two entries of
    $[C_t]_+ \lambda_0$ differ by more than $2 \rho_1 e_t$.

    Args:
        num_objectives: the number m of objectives.
        decay: $\kappa$ in (0, 1]: a batch's share in the average falls with the number of batches
            to this power. 1 averages all alike, for gradients that hardly change; the default is
            ours.
        rho1: $\rho_1 \ge 0$, in units of the noise $e_t$ (the default is ours).
        rho2: $\rho_2 > 0$, in mean squared gradients; multipliers move the slower the larger (the
            default is ours).
        prior: $\lambda_0$, shape (m,), non-negative, scaled to the simplex over the active
            objectives; equal weights by default.

    Returns:
        A linear aggregator of convex scale with a `CalmState`. m backward passes on each half, and
        one on the whole batch. The Jacobian must know its batch axes (`batched=`). On the first
        step the weights are the prior; on exactly opposite gradients without noise they tend to
        those of v = 0. An objective without labels in a half takes no part in the step and keeps
        its multiplier; t counts the batches with labels for both objectives of a pair. Then
        $\lambda_t$ depends on batch t by its labels.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if a hyper-parameter is out of range, or the Jacobian cannot be split.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> tx, x = moo.calm(2), jnp.zeros(2)
        >>> rows = jnp.array([[[2.0, 0.0], [0.0, 1.0]]] * 2)  # two samples, no noise
        >>> jac = moo.jacobian(lambda x, rows: (rows @ x).mean(axis=0), x, rows, batched=(True,))
        >>> step, state = jax.jit(lambda state: tx.update(jac, state)), tx.init(x)
        >>> for _ in range(99):
        ...     v, state = step(state)
        >>> [round(float(weight), 2) for weight in state.weights]  # of the shortest one
        [0.2, 0.8]

    Source: own. The pull is that of DR-OMMD (Jiang et al., ICLR 2023), the product of two batches
    that of MoDo (Chen et al., NeurIPS 2023), the average that of CR-MOGM (Zhou et al., NeurIPS
    2022) taken of the Gramian; multipliers from earlier batches alone, and a pull as wide as the
    noise, are ours.
    Differs from the paper: there is none; the page on CALM derives what it guarantees, and shows
    how it compares. The defaults were chosen by runs on noisy_quadratics, online_quadratics and
    noisy_instance.
    """
    m = check_num_objectives(num_objectives)
    check_share("decay", decay, closed=True)
    check_number("decay", decay, strict=True)
    check_number("rho1", rho1)
    check_number("rho2", rho2, strict=True)
    check_preference(prior, m, "prior")

    def init(params: Params) -> CalmState:
        check_params(params)
        nothing = jnp.zeros((m, m), solver_dtype(params))
        start = preference_weights(prior, nothing[0], jnp.ones(m, bool))
        counts = jnp.zeros((m, m), jnp.int32)
        gram = TrackedGram(nothing, jnp.copy(nothing), jnp.int32(_NEVER), counts)
        return CalmState(nothing[0], start.astype(nothing.dtype), gram)

    def update(
        jac: Jacobian, state: CalmState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, CalmState]:
        expect_jacobian(jac, m)
        halves = jac.split(2)
        active, before = labelled(halves), state.multipliers
        shares = over_active(before, active)
        gram = _follow(state.gram, halves[0].gram(halves[1]), active, decay)
        target = over_active(preference_weights(prior, before, active), active)
        pull = jnp.asarray(rho1 * _noise(gram, active, decay))
        after = _shortest(gram, shares, target, active, pull, rho2)
        after = stored(after.astype(before.dtype), before, active)
        return combined(jac, shares), CalmState(shares, after, gram)

    return Aggregator(init, update, num_objectives=m, linear=True)


def _follow(tracked: TrackedGram, gram: Gram, active: Array, decay: ArrayLike) -> TrackedGram:
    """Take a batch's Gramian into the average, and its distance into the deviation."""
    dtype = tracked.products.dtype
    matrix, exponent = scaled_products(gram)
    # Zeros have no scale, and must not make what is small beside 1 vanish.
    top = jnp.maximum(jnp.where((matrix == 0).all(), _NEVER, exponent), tracked.exponent)
    both = active[:, None] & active[None, :]
    counts = tracked.counts + both
    rate = jnp.where(both, _rate(counts, decay, dtype), 0)
    old, spread = (
        times_power_of_two(one, tracked.exponent - top)
        for one in (tracked.products, tracked.deviation)
    )
    new = times_power_of_two((matrix + matrix.T).astype(dtype) / 2, exponent - top)
    away = jnp.where(both, new - old, 0)
    found = old + rate * away, jnp.sqrt((1 - rate) * spread**2 + rate * away**2)
    largest = jnp.max(jnp.abs(jnp.stack(found)))
    size = jnp.where(largest > 0, jnp.frexp(largest)[1], _NEVER - top)
    products, deviation = (times_power_of_two(one, -size) for one in found)
    return TrackedGram(products, deviation, top + size, counts)


def _rate(counts: Array, decay: ArrayLike, dtype: jnp.dtype) -> Array:
    return jnp.maximum(counts, 1).astype(dtype) ** -jnp.asarray(decay, dtype)


def _noise(gram: TrackedGram, active: Array, decay: ArrayLike) -> Array:
    """Return the size of the noise that is left in the tracked products of active objectives."""
    both = active[:, None] & active[None, :]
    rate = _rate(gram.counts, decay, gram.deviation.dtype)
    square = jnp.sum(jnp.where(both, rate * gram.deviation**2, 0))
    return jnp.sqrt(square / jnp.maximum(jnp.sum(both), 1))


def _shortest(
    gram: TrackedGram, shares: Array, prior: Array, active: Array, l1: Array, l2: ArrayLike
) -> Array:
    """Return the multipliers that the tracked products ask for, near the last ones."""
    dtype, ones = gram.products.dtype, jnp.ones_like(gram.products[0])
    products = jnp.where(active[:, None] & active[None, :], gram.products, 0)
    convex = (products + matmul(polar(products, 24, EXACT), products)) / 2
    size = jnp.trace(convex) / jnp.maximum(jnp.sum(active), 1)
    # Of products without a convex part rounding alone is left, which says nothing.
    known = size > float(jnp.finfo(dtype).eps) ** 0.5 * jnp.max(jnp.abs(products))
    size = jnp.where(known, size, 1)
    slope, kink = l1 / size * ones, jnp.where(l1 > 0, prior, 0)
    hessian, linear = convex / size + jnp.diag(l2 * ones), jnp.asarray(l2 * shares)
    program = Program(hessian, linear, ones, ones[0], kink, slope, jnp.inf * ones, active)
    found = over_active(jnp.maximum(minimise(program).point, 0), active)
    return jnp.where(known, found, shares)
