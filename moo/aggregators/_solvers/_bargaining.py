"""The Nash bargaining solution of the rows."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._rows import Rows, dot, rounding, times
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
        The weights used; the residual is $\max_i |\alpha_i (G \alpha)_i - 1|$ before shortening.
    """
    rows = Rows.of(gram, active)
    units = _pair(rows) if active.shape[0] == 2 else _many(rows)
    count = rows.number
    off = jnp.where(rows.present, units * times(rows.cosines, units) - 1, 0)
    residual = jnp.where(rows.zero.any(), 1, jnp.max(jnp.abs(off)))
    # The length of J'λ for the witness λ, in units of its own terms, against their rounding; or
    # Newton stopped far from a solution, as it does where rounding decides about definiteness.
    vanishing = count <= rounding(units.dtype) * jnp.sum(units) ** 2
    stationary = rows.zero.any() | vanishing | (residual > 0.1)

    shorten = jnp.minimum(1, max_norm / jnp.sqrt(count))
    agreed = _per_norm(gram, rows, shorten * units)
    witness = jnp.where(rows.zero.any(), rows.zero.astype(units.dtype), rows.share * units)
    witness = witness / jnp.maximum(jnp.sum(witness), jnp.finfo(units.dtype).tiny)
    weights = jnp.where(stationary, witness, agreed)
    return rows.solution(weights, residual, ~stationary)


def _pair(rows: Rows) -> Array:
    """Solve two unit rows in closed form: they count the same, whatever their angle."""
    least = jnp.finfo(rows.cosines.dtype).tiny
    units = 1 / jnp.sqrt(jnp.maximum(1 + rows.cosines[0, 1], least))
    return jnp.where(rows.present, units, 0)


class _Newton(NamedTuple):
    units: Array  # (m,), positive
    decrement: Array  # ()
    steps: Array  # (), int32


def _many(rows: Rows, limit: int = 64) -> Array:
    """Run damped Newton until its decrement is at rounding, or the iterates run away."""
    dtype = rows.cosines.dtype
    total = jnp.sum(rows.cosines)
    present = jnp.sum(rows.present).astype(dtype)
    even = jnp.sqrt(present / jnp.maximum(total, 1))
    start = _Newton(jnp.full_like(rows.length, even), jnp.ones((), dtype), jnp.int32(0))
    runaway = 4 / float(jnp.finfo(dtype).eps)

    def proceed(s: _Newton) -> Array:
        # Newton squares the decrement, so the step taken at this size was the last one needed.
        unsettled = s.decrement > 0.5 * float(jnp.finfo(dtype).eps) ** 0.5
        return unsettled & (s.steps < limit) & (jnp.sum(s.units) ** 2 < runaway * present)

    solved = lax.while_loop(proceed, lambda s: _newton_step(rows, s), start)
    return jnp.where(rows.present, solved.units, 0)


def _newton_step(rows: Rows, s: _Newton) -> _Newton:
    """Take one step in relative coordinates x = δ/u, in which the Hessian is I + U C U."""
    scaled = s.units[:, None] * rows.cosines * s.units[None, :]
    slope = jnp.where(rows.present, 1 - jnp.sum(scaled, axis=-1), 0)
    hessian = scaled + jnp.eye(slope.shape[0], dtype=slope.dtype)
    step = jax.scipy.linalg.solve(hessian, slope, assume_a="pos")
    decrement = jnp.sqrt(jnp.maximum(dot(step, slope), 0))
    damping = jnp.where(decrement < 0.25, 1, 1 / (1 + decrement))
    units = s.units * jnp.maximum(1 + damping * step, 0.1)
    # Rounding has made the Hessian indefinite: stop at the last point, its residual tells.
    lost = ~jnp.isfinite(units).all()
    units = jnp.where(lost, s.units, units)
    return _Newton(units, jnp.where(lost, 0, decrement), s.steps + 1)


def _per_norm(gram: Gram, rows: Rows, units: Array) -> Array:
    """Divide by the true norms of the rows."""
    inverse = 1 / jnp.where(rows.present, gram.lengths, 1)
    return jnp.where(rows.present, units * inverse, 0)
