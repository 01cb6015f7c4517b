"""Priority-constrained descent: one objective leads, the others must not lose."""

import math
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_gram
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._solvers._pivoting import proximal
from moo.aggregators._solvers._rows import Rows, dot, nonzero, rounding, times
from moo.aggregators._solvers._solution import Solution


class PCDState(NamedTuple):
    """Roots of the moving means of the squared norms, shape (m,), and how often each was seen."""

    sizes: Array
    counts: Array  # (m,), int32


def pcd(
    num_objectives: int,
    *,
    tau: ArrayLike = 0.02,
    decay: ArrayLike = 0.999,
    eps: ArrayLike = 0.0,
    max_stretch: ArrayLike = math.inf,
) -> Aggregator:
    r"""Follow the first objective, as far as every other one still decreases a little.

    With $\tilde g_i = g_i / \sqrt{\hat a_i + \epsilon}$ and $\hat a_i$ the bias-corrected moving
    mean of $\lVert g_i \rVert^2$: $d = \arg\min_d \tfrac12 \lVert d - \tilde g_1 \rVert^2$ subject
    to $\tilde g_j^\top d \ge \tau \lVert \tilde g_j \rVert^2$ for $j \ge 2$, and $v = d\, \lVert
    g_1 \rVert / \lVert d \rVert$: a step of the first gradient's length. Where the constraints
    cannot all hold, $v = g_1$; where $g_1 = 0$, $v = 0$; a zero row constrains nothing.

    The secondary objectives are protected, the first is not: for exactly opposite rows $d = -\tau
    \tilde g_1$ is feasible, and the rescaling makes of this tiny vector $v = -g_1$, a full step
    *up* the first objective. `max_stretch` bounds the rescaling: with 1, v is never longer than d
    is beside $\tilde g_1$.

    Args:
        num_objectives: the number m of objectives; the first one (the first active one) leads.
        tau: $\tau \ge 0$, the decrease asked for, as a share of a row's own (0.02 in the authors'
            code).
        decay: of the moving means, in [0, 1) (0.999 in the authors' code).
        eps: $\epsilon \ge 0$; 0 here, 1e-8 in the authors' code, which tells for gradients below
            1e-4.
        max_stretch: largest $\lVert \tilde g_1 \rVert / \lVert d \rVert$ by which v is lengthened,
            above 0; infinite as in the authors' code.

    Returns:
        A linear aggregator of `free` scale for m backward passes, with a `PCDState`. Its
        `residual` is the worst shortfall of a constraint, relative to d. An objective of weight 0
        leaves its task head untrained: use `heads="plain"`.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.pcd(2, tau=0.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [-3.0, 3.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [1.414, 1.414]

    Source: Varam and AlHajri, "Not All Objectives Are Born Equal: Priority-Constrained Descent for
    Hierarchical Multi-Objective Optimization", TMLR 2026, arXiv 2606.29521.
    Differs from the paper: eps; one tau for all; pivoting in place of trying every active set.
    """
    check_number("tau", tau)
    check_share("decay", decay)
    check_number("eps", eps)
    check_number("max_stretch", max_stretch, strict=True, finite=False)

    def init(params: Params, dtype: Any) -> PCDState:
        return PCDState(jnp.zeros(num_objectives, dtype), jnp.zeros(num_objectives, jnp.int32))

    def weigh(
        gram: Gram, losses: Array | None, state: PCDState, *, active: Array
    ) -> tuple[Solution, PCDState]:
        rows = Rows.of(gram, active)
        state, means = _tracked(state, gram.lengths, active, decay)
        lengths = jnp.hypot(means, jnp.sqrt(jnp.asarray(eps, means.dtype)))
        sizes = jnp.where(rows.present, gram.lengths / jnp.where(lengths == 0, 1, lengths), 0)
        return _constrained(rows, sizes, tau, max_stretch), state

    return from_gram(num_objectives, init, weigh)


def _tracked(
    state: PCDState, lengths: Array, active: Array, decay: ArrayLike
) -> tuple[PCDState, Array]:
    """Move the root mean squares on; return them with the bias of their start taken out."""
    decay = jnp.asarray(decay, lengths.dtype)
    # Roots, because a square of a norm beyond 1e19 overflows float32.
    fresh = jnp.hypot(jnp.sqrt(decay) * state.sizes, jnp.sqrt(1 - decay) * lengths)
    sizes = jnp.where(active, fresh, state.sizes)
    counts = state.counts + active
    seen = -jnp.expm1(counts * jnp.log(decay))
    return PCDState(sizes, counts), sizes / jnp.sqrt(jnp.where(counts > 0, seen, 1))


def _constrained(rows: Rows, sizes: Array, tau: ArrayLike, max_stretch: ArrayLike) -> Solution:
    """Solve on unit rows, of which row i stands for a gradient of length `sizes[i]`."""
    tau, max_stretch = (jnp.asarray(number, sizes.dtype) for number in (tau, max_stretch))
    first = jnp.argmax(rows.active)
    leads = jnp.arange(len(sizes)) == first
    own = jnp.where(leads, sizes, 0)
    asked = jnp.where(rows.present & ~leads, tau * sizes, 0)
    missing = asked - times(rows.cosines, own)
    allowed = rows.present & ~leads
    if len(sizes) <= 2:
        added = jnp.where(allowed, jnp.maximum(missing, 0), 0)
    else:
        added = proximal(rows.cosines, missing, allowed)
    units = own + added
    projections = times(rows.cosines, units)
    length = jnp.sqrt(jnp.maximum(dot(units, projections), 0))
    error = rounding(units.dtype) * jnp.minimum(jnp.sum(units), 1e3 * jnp.max(sizes))
    short = jnp.where(allowed, asked - projections - error, 0)
    feasible = (short <= 0.5 * asked).all()

    stretch = jnp.minimum(sizes[first] / nonzero(length), max_stretch)
    moved = units * rows.length[first] * stretch / nonzero(sizes[first])
    moved = jnp.where(feasible, moved, jnp.where(leads, rows.length, 0))
    weights = rows.per_length(jnp.where(rows.present[first], moved, 0))
    shortfall = jnp.maximum(jnp.max(short), 0) / nonzero(length)
    halted = ~rows.present[first]
    return rows.solution(weights, jnp.where(halted, 0, shortfall), feasible | halted)
