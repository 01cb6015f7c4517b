"""MOO-SVGD: particles that descend together and push each other apart in objective space."""

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import PopulationJacobian
from moo._jacobian._checks import check_choice
from moo._jacobian._gram import scale_exponents, times_power_of_two
from moo._jacobian._population import population_size
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, cast_gram, check_num_objectives, combined
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators.sets._base import expect_set

Kernel = Literal["rbf", "released"]

# The factor of the released kernel, which multiplies by the bandwidth.
_RELEASED = 5e-6


class SvgdState(NamedTuple):
    """Each particle's hull weights and repulsion, and the certificate of the former."""

    multipliers: Array  # (K, m)
    repulsion: Array  # (K, m)
    residual: Array  # (K,)
    converged: Array  # (K,), bool


def moo_svgd(
    num_objectives: int, *, bandwidth: ArrayLike | None = None, kernel: Kernel = "rbf"
) -> Aggregator:
    r"""Move particles along their common descent directions, averaged by a kernel, and apart.

    With $v_l$ the shortest vector in the hull of particle l's gradients and
    $\kappa_{kl} = \exp(-\lVert \ell_k - \ell_l \rVert^2 / h)$ the direction of particle k is
    $u_k = \tfrac1K \bigl[ \sum_l \kappa_{kl} v_l
    - \tfrac2h J_k^\top \sum_l \kappa_{kl} (\ell_k - \ell_l) \bigr]$.
    The first sum mixes directions of *other* particles, so that u_k is no combination of the
    gradients of particle k alone.

    Args:
        num_objectives: the number m of objectives.
        bandwidth: $h > 0$ in squared units of the losses. None: the median of the K x K squared
            distances over $\log K$, anew in every step.
        kernel: `"rbf"` as above; `"released"`: $\exp(-\lVert \cdot \rVert^2 h / 5 \cdot 10^{-6})$,
            by which the authors' code multiplies by h: at ordinary losses it is the identity.

    Returns:
        An aggregator for `moo.population_jacobian` that is not linear. m backward passes a
        particle. The repulsion does not end on the Pareto set, which the outer particles may leave.
        Its state keeps the hull weights as `multipliers`. One particle follows v; equal
        losses repel by nothing.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> tx = moo.moo_svgd(2)
        >>> population = jnp.array([[1.0, 3.0]])
        >>> jac = moo.population_jacobian(lambda x: x**2 / 2, population)
        >>> update, _ = jax.jit(lambda state: tx.update(jac, state))(tx.init(population))
        >>> [round(float(entry), 3) for entry in update[0]]
        [0.9, 0.3]

    Source: Liu, Tong, Liu, "Profiling Pareto Front With Multi-Objective Stein Variational Gradient
    Descent", NeurIPS 2021.
    Differs from the paper: the hull problems are solved exactly, and gradients are not normalised
    across the particles first, which the released code does.
    """
    m = check_num_objectives(num_objectives)
    check_choice("kernel", kernel, Kernel)
    if bandwidth is not None:
        check_number("bandwidth", bandwidth, strict=True)

    def init(population: Params) -> SvgdState:
        number, dtype = population_size(population), solver_dtype(population)
        zeros = jnp.zeros((number, m), dtype)
        residual = jnp.zeros(number, dtype)
        return SvgdState(zeros, jnp.copy(zeros), residual, jnp.ones(number, bool))

    def update(
        jac: PopulationJacobian, state: SvgdState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SvgdState]:
        expect_set(jac, PopulationJacobian, m, len(state.multipliers))
        jac, dtype = jac.materialize(), state.multipliers.dtype
        everyone = jnp.ones(m, bool)
        gram = cast_gram(jac.gram(), dtype)
        solved = jax.vmap(lambda one: min_norm(one, everyone))(gram)
        mixing, repulsion = _interaction(jac.losses.astype(dtype), bandwidth, kernel)
        updates = jax.tree.map(
            lambda own, away: _mixed(mixing, own, away),
            combined(jac, solved.weights), combined(jac, repulsion),
        )  # fmt: skip
        converged = solved.converged & jnp.isfinite(repulsion).all(axis=1)
        return updates, SvgdState(solved.weights, repulsion, solved.residual, converged)

    return Aggregator(init, update, num_objectives=m, linear=False, needs="gram")


def _interaction(losses: Array, bandwidth: ArrayLike | None, kernel: Kernel) -> tuple[Array, Array]:
    """Return the kernel, shape (K, K), and the weights of the repulsion, (K, m), both over K."""
    number, dtype = len(losses), losses.dtype
    apart = losses[:, None, :] - losses[None, :, :]
    given = None if bandwidth is None else _width(jnp.asarray(bandwidth, dtype), kernel)
    # In units in which the given width, or the largest distance, is near 1: squares are numbers.
    unit = jnp.max(jnp.abs(apart)) if given is None else jnp.sqrt(given)
    power = scale_exponents([unit[None]])[0]
    apart = times_power_of_two(apart, -power)
    squares = jnp.sum(apart**2, axis=2)
    if given is None:
        width = _median_width(squares, power, kernel)
    else:
        width = times_power_of_two(given, -2 * power)
    # At no spread at all the kernel is its limit: 1 for equal losses, 0 for others.
    sharpness = jnp.minimum(1 / width, float(jnp.finfo(dtype).max))
    together = jnp.exp(-squares * sharpness)
    repulsion = -2 * jnp.sum((together * sharpness)[:, :, None] * apart, axis=1)
    return together / number, times_power_of_two(repulsion / number, -power)


def _median_width(squares: Array, power: Array, kernel: Kernel) -> Array:
    """Return the kernel's width by the paper's rule, both in units of 2**(2 power)."""
    spread = jnp.median(squares) / jnp.log(jnp.maximum(len(squares), 2)).astype(squares.dtype)
    return spread if kernel == "rbf" else times_power_of_two(_width(spread, kernel), -4 * power)


def _width(bandwidth: Array, kernel: Kernel) -> Array:
    """Return what squared distances are divided by in the kernel."""
    return bandwidth if kernel == "rbf" else _RELEASED / bandwidth


def _mixed(mixing: Array, own: Array, away: Array) -> Array:
    """Average directions over the particles, and add the repulsion; in at least float32."""
    dtype = jnp.promote_types(own.dtype, jnp.float32)
    total = lax.dot_general(
        mixing.astype(dtype), own.astype(dtype), (((1,), (0,)), ((), ())),
        precision=lax.Precision.HIGHEST,
    )  # fmt: skip
    return (total + away.astype(dtype)).astype(own.dtype)
