"""Bargaining solutions of the rows: Nash's, and the alpha-fair ones around it."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram, times_power_of_two
from moo._types import Array
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times
from moo.aggregators._solvers._solution import Solution


def bargain(gram: Gram, active: Array, max_norm: ArrayLike) -> Solution:
    r"""Solve $G \alpha = 1 / \alpha$, $\alpha > 0$, and shorten $v = J^\top \alpha$ to `max_norm`.

    $\alpha$ is the only minimiser of the convex $\tfrac12 \alpha^\top G \alpha - \sum_i \log
    \alpha_i$; damped Newton finds it on unit rows, $u_i = \alpha_i d_i$, so no scale enters. At the
    solution $\lVert v \rVert^2$ is the number of rows.

    It exists if and only if the point is not Pareto-stationary. Otherwise u grows along some
    $\lambda \in \Delta$ with $J^\top \lambda = 0$: this witness, scaled to the simplex, is
    returned, so that the step is 0, with `converged` False.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        max_norm: largest norm of v.

    Returns:
        The weights used; the residual is $\max_i |\alpha_i (G \alpha)_i - 1|$ before shortening,
        as far as it exceeds the rounding of the first term.
    """
    return _solved(gram, active, 1.0, max_norm, nash=True)


def fair(gram: Gram, active: Array, alpha: ArrayLike, max_norm: ArrayLike = jnp.inf) -> Solution:
    r"""Solve $G w = w^{-1/\alpha}$, $w > 0$, and shorten $v = J^\top w$ to `max_norm`.

    w is the only minimiser of the convex $\tfrac12 w^\top G w - \sum_i \psi(w_i)$ with $\psi'(x) =
    x^{-1/\alpha}$. It is found by damped Newton on $u_i = w_i d_i$, from the solution of orthogonal
    rows, $w_i = d_i^{-2\alpha/(1+\alpha)}$, in units of the longest norm; $w(s^2 G) =
    s^{-2\alpha/(1+\alpha)} w(G)$ gives the rest.

    Where the point is Pareto-stationary there is no solution: the answer is then a witness as that
    of `bargain`, with `converged` False.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        alpha: $\alpha$, above 0; 1 is Nash's solution, large values approach max-min fairness.
        max_norm: largest norm of v.

    Returns:
        The weights used; the residual is $\max_i |w_i (G w)_i - w_i^{1-1/\alpha}|$ relative to the
        second term, before shortening, as far as it exceeds the rounding of the first. A row whose
        weight would be below rounding in the sum is part of no equation: it gains more than it asks
        for. Where norms differ so much that no weights in this precision come near a solution, the
        last iterate is returned, with `converged` False.
    """
    known = isinstance(alpha, int | float) and alpha == 1
    return _solved(gram, active, alpha, max_norm, nash=known)


@functools.partial(jax.jit, static_argnames="nash")
def _solved(
    gram: Gram, active: Array, alpha: ArrayLike, max_norm: ArrayLike, *, nash: bool
) -> Solution:
    """Solve at any alpha; with `nash`, which says that it is 1, in closed form for two rows."""
    rows = Rows.of(gram, active)
    alpha = jnp.asarray(alpha, rows.cosines.dtype)
    if nash and active.shape[0] == 2:
        units, target, held = _pair(rows), jnp.ones_like(rows.length), jnp.bool_(True)
    else:
        units, target, held = _many(rows, alpha)
    residual, plain = _residual(rows, units, target)
    value = jnp.sum(jnp.where(rows.present, target, 0))
    # The length of J'λ for the witness λ, in units of its own terms, against their rounding; less
    # strict where Newton stopped far from a solution because rounding decides about definiteness.
    mass = jnp.sum(units) ** 2
    vanishing = value <= rounding(units.dtype) * mass
    length = dot(units, times(rows.cosines, units))
    lost = (residual > 0.1) & (length <= float(jnp.finfo(units.dtype).eps) ** 0.5 * mass)
    stationary = active.any() & (rows.zero.any() | vanishing | lost)
    residual = jnp.where(stationary, plain, residual)

    scale = jnp.minimum(_growth(gram, rows, alpha), max_norm / jnp.sqrt(nonzero(value)))
    agreed = _per_norm(gram, rows, scale * units)
    held &= jnp.max(agreed) < float(jnp.finfo(units.dtype).max)
    residual = jnp.where(held | stationary, residual, jnp.maximum(residual, 1))
    witness = jnp.where(rows.zero.any(), rows.zero.astype(units.dtype), rows.share * units)
    witness = witness / jnp.maximum(jnp.sum(witness), jnp.finfo(units.dtype).tiny)
    return rows.solution(jnp.where(stationary, witness, agreed), residual, ~stationary)


def _pair(rows: Rows) -> Array:
    """Solve Nash's problem for two unit rows: they count the same, whatever their angle."""
    least = jnp.finfo(rows.cosines.dtype).tiny
    units = 1 / jnp.sqrt(jnp.maximum(1 + rows.cosines[0, 1], least))
    return jnp.where(rows.present, units, 0)


class _Newton(NamedTuple):
    units: Array  # (m,), positive: u
    change: Array  # (): the largest relative change of the last step, undamped
    steps: Array  # (), int32


def _many(rows: Rows, alpha: Array, limit: int = 128) -> tuple[Array, Array, Array]:
    """Run damped Newton until it is at rounding, or the iterates run away.

    Returns:
        u, the target, and whether this precision holds the weights that orthogonal rows would get.
    """
    dtype = rows.cosines.dtype
    lengths = jnp.where(rows.present, rows.length, 1)
    # Weights of orthogonal rows times their lengths, as far as their squares are finite.
    most = float(jnp.finfo(dtype).max) ** 0.5 / 16
    alone = lengths ** ((1 - alpha) / (1 + alpha))
    held = jnp.max(alone) <= most
    alone = jnp.where(rows.present, jnp.minimum(alone, most), 0)

    def target(units: Array) -> Array:
        ratio = jnp.where(rows.present, units / nonzero(alone), 1)
        return jnp.where(rows.present, alone**2, 1) * ratio ** (1 - 1 / alpha)

    weight = jnp.sum(alone**2)
    total = jnp.maximum(dot(alone, times(rows.cosines, alone)), jnp.max(alone) ** 2)
    common = (weight / nonzero(total)) ** (alpha / (1 + alpha))
    start = _Newton(jnp.where(rows.present, common * alone, 1), jnp.ones((), dtype), jnp.int32(0))
    runaway = 4 / float(jnp.finfo(dtype).eps)

    def proceed(s: _Newton) -> Array:
        # Newton squares the change, so the step taken at this size was the last one needed.
        unsettled = s.change > 0.5 * float(jnp.finfo(dtype).eps) ** 0.5
        value = jnp.sum(jnp.where(rows.present, target(s.units), 0))
        sum_ = jnp.sum(jnp.where(rows.present, s.units, 0))
        return unsettled & (s.steps < limit) & (sum_**2 < runaway * value)

    def advance(s: _Newton) -> _Newton:
        return _newton_step(rows, alpha, target(s.units), s)

    solved = lax.while_loop(proceed, advance, start)
    return jnp.where(rows.present, solved.units, 0), target(solved.units), held


def _newton_step(rows: Rows, alpha: Array, target: Array, s: _Newton) -> _Newton:
    r"""Step in relative coordinates $x = \delta / u$, with Hessian $U C U + T / \alpha$.

    T, the target, changes by the power $1 + 1/\alpha$ of the largest x at most, which is what the
    damping allows for.
    """
    scaled = s.units[:, None] * rows.cosines * s.units[None, :]
    slope = target - jnp.sum(scaled, axis=-1)
    slope = jnp.where(rows.present & ~_negligible(s.units, slope), slope, 0)
    hessian = scaled + jnp.diag(target / alpha)
    step = jax.scipy.linalg.solve(hessian, slope, assume_a="pos")
    change = jnp.max(jnp.abs(step))
    bend = jnp.maximum(1 + 1 / alpha, 2) * change
    units = s.units * (1 + step * jnp.where(bend < 0.5, 1, 1 / (1 + bend)))
    units = jnp.where(rows.present, jnp.maximum(units, _least(units)), units)
    # Rounding has made the Hessian indefinite: stop at the last point, its residual tells.
    lost = ~jnp.isfinite(units).all()
    units = jnp.where(lost, s.units, units)
    return _Newton(units, jnp.where(lost, 0, change), s.steps + 1)


def _least(units: Array) -> Array:
    """Return the weight below which a row is no part of the sum: far above it at alpha = 1."""
    return float(jnp.finfo(units.dtype).eps) ** 2 * jnp.sum(units)


def _negligible(units: Array, slope: Array) -> Array:
    """Tell which rows have the least weight, and gain more than they ask for with it."""
    return (units <= 2 * _least(units)) & (slope < 0)


def _residual(rows: Rows, units: Array, target: Array) -> tuple[Array, Array]:
    """Return the largest relative error of an equation beyond rounding, and with it."""
    terms = units * times(jnp.abs(rows.cosines), units)
    slope = target - units * times(rows.cosines, units)
    off = jnp.where(_negligible(units, slope), 0, jnp.abs(slope))
    beyond = jnp.maximum(off - 2 * float(jnp.finfo(units.dtype).eps) * terms, 0)
    safe = nonzero(target)
    worst, plain = (jnp.max(jnp.where(rows.present, x / safe, 0)) for x in (beyond, off))
    some = rows.zero.any()
    return jnp.where(some, 1, worst), jnp.where(some, 1, plain)


def _growth(gram: Gram, rows: Rows, alpha: Array) -> Array:
    r"""Return $L^{(1-\alpha)/(1+\alpha)}$, L the longest norm: what units of L leave open."""
    powers = jnp.log2(jnp.where(rows.present, gram.norms, 1)) + gram.exponents
    longest = jnp.max(jnp.where(rows.present, powers, -jnp.inf))
    longest = jnp.where(rows.present.any(), longest, 0)
    return jnp.exp2((1 - alpha) / (1 + alpha) * longest)


def _per_norm(gram: Gram, rows: Rows, units: Array) -> Array:
    """Divide by the true norms of the rows."""
    mantissas = units / jnp.where(rows.present, gram.norms, 1)
    weights = times_power_of_two(mantissas, -gram.exponents)
    largest = float(jnp.finfo(units.dtype).max)
    return jnp.where(rows.present, jnp.minimum(weights, largest), 0)
