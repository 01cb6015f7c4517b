"""GCond: conflicts of pairs settled from the worst on, for the steadier and stronger gradient."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian._gram import gram_of_rows
from moo._jacobian._stacked import combine_rows
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_count, check_number, check_share, is_real
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import cast_rows, freeze_inactive, stacked_zeros
from moo.aggregators._solvers._rows import Rows, matmul, nonzero, rounding, times


class GCondState(NamedTuple):
    """What arbitration remembers, and the momentum of the result."""

    norms: Array  # (m,): moving averages of the rows' norms
    previous: PyTree  # the last rows, leaves of shape (m, ...)
    winners: Array  # (window,), int32: of the last conflicts, -1 before
    momentum: PyTree
    steps: Array  # (), int32


class _Thresholds(NamedTuple):
    critical: float
    main: float
    weak: float


def gcond(
    num_objectives: int,
    *,
    thresholds: tuple[float, float, float] = (-0.8, -0.5, 0.0),
    power: ArrayLike = 2.0,
    stability: ArrayLike = 0.8,
    norm_decay: ArrayLike = 0.95,
    momentum: ArrayLike = 0.9,
    window: int = 0,
) -> Aggregator:
    r"""Settle the worst conflict of two gradients, up to 2m times, and add up with momentum.

    The pair of the smallest cosine c is taken while $c < \theta_3$. Its winner has the higher
    score $\sigma \max(0, \cos(g_i, g_i^{prev})) + (1 - \sigma) \frac{n_i / e_i}{n_i / e_i + n_j /
    e_j}$ with moving averages e of the norms n, which start at 1. With $\alpha = \pi$ for $c \le
    \theta_1$, $\frac\pi2 (1 + (\frac{c - \theta_2}{\theta_1 - \theta_2})^p)$ up to $\theta_2$,
    $\frac\pi2 (1 - \frac{c - \theta_2}{\theta_3 - \theta_2})$ beyond: at the same time the winner
    loses $\sin \alpha$ of its projection on the loser, the loser $\sin \min(\alpha, \frac\pi2)$ of
    its own on the winner. v is the bias-corrected moving average of the sum of what is left.

    Of exactly opposite rows the loser becomes 0 and the winner stays. Zero rows are passed over. As
    e starts at 1, the first choices depend on the scale of the gradients. v is a moving average
    already: let Adam after it have b1 = 0.

    Args:
        num_objectives: the number m of objectives.
        thresholds: $\theta$, ascending in [-1, 1] (paper).
        power: p > 0 (paper).
        stability: $\sigma$ in [0, 1] (0.8 in the paper).
        norm_decay: of e, in [0, 1) (0.95 in the paper).
        momentum: of v, in [0, 1) (0.9 in the paper, 0.85 in its code); 0 for the sum itself.
        window: if one objective won the last `window` conflicts, the other wins; 0 for never
            (paper; 3 in its code).

    Returns:
        An aggregator of `sum` scale for m backward passes, with a `RowState` around a
        `GCondState`, which keeps m + 1 times the parameters.

    Raises:
        TypeError: if `window` is no int, or `thresholds` are no numbers.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.gcond(2, momentum=0.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [-3.0, 0.0]]))
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()  # the second has grown more
        [-3.0, 0.0]

    Source: Limarenko, Studenikina, Illarionova and Sharaev, "GCond: Gradient Conflict Resolution
    via Accumulation-based Stabilization for Large-Scale Multi-Task Learning", 2025, arXiv
    2509.07252.
    Differs from the paper: the accumulation over micro-batches, and its stochastic mode, are the
    caller's, as are Lion and LARS. In the authors' code "previous" rows are those that projection
    has changed; here they are the gradients.
    """
    limits = _Thresholds(*_ascending(thresholds))
    check_number("power", power, strict=True)
    check_share("stability", stability, closed=True)
    check_share("norm_decay", norm_decay)
    check_share("momentum", momentum)
    check_count("window", window)

    def init(params: Params, dtype: Any) -> GCondState:
        return GCondState(
            jnp.ones(num_objectives, dtype),
            stacked_zeros(params, num_objectives, dtype),
            jnp.full(window, -1, jnp.int32),
            jax.tree.map(lambda p: jnp.zeros(jnp.shape(p), dtype), params),
            jnp.zeros((), jnp.int32),
        )

    def aggregate(
        rows: PyTree, losses: Array | None, state: GCondState, *, active: Array
    ) -> tuple[PyTree, GCondState]:
        dtype = state.norms.dtype
        rows = cast_rows(rows, dtype)
        gram = gram_of_rows(rows)
        fresh = norm_decay * state.norms + (1 - norm_decay) * gram.lengths
        norms = jnp.where(active, fresh, state.norms).astype(dtype)
        unit = Rows.of(gram, active)
        arena = _Arena(
            unit, gram_of_rows(rows, state.previous).cosines.T, gram.lengths / nonzero(norms)
        )
        numbers = (jnp.asarray(number, dtype) for number in (power, stability))
        parts, winners = _settled(arena, state.winners, limits, *numbers)
        weights = unit.per_length(times(parts.T, unit.length))
        total = combine_rows(rows, jnp.where(unit.present, weights, 1))
        steps = state.steps + 1
        mean = jax.tree.map(
            lambda old, new: (momentum * old + (1 - momentum) * new).astype(dtype),
            state.momentum, total,
        )  # fmt: skip
        bias = 1 - jnp.asarray(momentum, dtype) ** steps
        previous = freeze_inactive(rows, state.previous, active)
        state = GCondState(norms, previous, winners, mean, steps)
        return jax.tree.map(lambda leaf: leaf / bias, mean), state

    return from_rows(num_objectives, init, aggregate)


class _Arena(NamedTuple):
    """What a conflict is judged by."""

    rows: Rows
    past: Array  # (m, m): cosine of the i-th previous row with the j-th row
    strength: Array  # (m,): norms over their moving averages


class _Round(NamedTuple):
    parts: Array  # (m, m): coefficients of the unit rows in every changed unit row
    winners: Array
    rounds: Array  # (), int32
    done: Array  # (), bool


def _settled(
    arena: _Arena, winners: Array, limits: _Thresholds, power: ArrayLike, stability: ArrayLike
) -> tuple[Array, Array]:
    """Settle conflicts until none is left, at most 2m of them."""
    m, dtype = len(arena.strength), arena.strength.dtype
    most = 2 * jnp.sum(arena.rows.active).astype(jnp.int32)
    start = _Round(jnp.eye(m, dtype=dtype), winners, jnp.int32(0), jnp.bool_(False))
    last = lax.while_loop(
        lambda s: ~s.done & (s.rounds < most),
        lambda s: _settle_worst(arena, s, limits, power, stability),
        start,
    )
    return last.parts, last.winners


def _settle_worst(
    arena: _Arena, s: _Round, limits: _Thresholds, power: ArrayLike, stability: ArrayLike
) -> _Round:
    m = len(arena.strength)
    products = matmul(matmul(s.parts, arena.rows.cosines), s.parts.T)
    squares = jnp.diagonal(products)
    noise = rounding(squares.dtype) * jnp.sum(jnp.abs(s.parts), axis=1) ** 2
    alive = arena.rows.present & (squares > noise)
    sizes = jnp.sqrt(jnp.where(alive, squares, 1))
    pairs = alive[:, None] & alive[None, :] & (jnp.arange(m)[:, None] < jnp.arange(m)[None, :])
    cosines = jnp.where(pairs, jnp.clip(products / (sizes[:, None] * sizes), -1, 1), 2)
    worst = jnp.argmin(cosines)
    first, second = worst // m, worst % m
    cosine = cosines[first, second]
    conflict = cosine < limits.weak

    steady = jnp.maximum(times(s.parts, arena.past) / sizes, 0)
    won = _second_wins(steady, arena.strength * sizes, first, second, s.winners, stability)
    winner, loser = jnp.where(won, second, first), jnp.where(won, first, second)
    keep, give = _sines(cosine, limits, power)
    ratio = sizes[winner] / sizes[loser]
    up = jnp.where(conflict, keep * cosine * ratio, 0)
    down = jnp.where(conflict, give * cosine / ratio, 0)
    parts = s.parts.at[winner].add(-up * s.parts[loser])
    parts = parts.at[loser].add(-down * s.parts[winner])
    remembered = jnp.append(s.winners[1:], winner.astype(jnp.int32))[: len(s.winners)]
    winners = jnp.where(conflict, remembered, s.winners) if len(s.winners) else s.winners
    return _Round(parts, winners, s.rounds + 1, ~conflict)


def _second_wins(
    steady: Array, strength: Array, i: Array, j: Array, winners: Array, stability: ArrayLike
) -> Array:
    """Compare the scores; ties go to the first; who has won throughout the window must lose."""
    shares = strength / nonzero(strength[i] + strength[j])
    score = stability * steady + (1 - stability) * shares
    won = score[j] > score[i]
    if not len(winners):
        return won
    return jnp.where((winners == i).all(), True, jnp.where((winners == j).all(), False, won))


def _sines(cosine: Array, limits: _Thresholds, power: ArrayLike) -> tuple[Array, Array]:
    """Return what the winner and the loser give up of their projections."""
    beyond = (cosine - limits.main) / ((limits.critical - limits.main) or -1.0)
    severe = math.pi / 2 * (1 + jnp.clip(beyond, 0, 1) ** power)
    short = jnp.clip((cosine - limits.main) / ((limits.weak - limits.main) or 1.0), 0, 1)
    angle = jnp.where(cosine <= limits.main, severe, math.pi / 2 * (1 - short))
    # The sine of the nearest float to pi is not 0.
    keep = jnp.where(cosine <= limits.critical, 0, jnp.sin(angle))
    return keep, jnp.sin(jnp.minimum(angle, math.pi / 2))


def _ascending(thresholds: tuple[float, float, float]) -> tuple[float, float, float]:
    says = f"thresholds must be 3 ascending numbers in [-1, 1], got {thresholds!r}"
    if not is_real(thresholds):
        raise TypeError(says)
    if np.shape(thresholds) != (3,):
        raise ValueError(says)
    critical, main, weak = (float(value) for value in thresholds)
    if not -1 <= critical <= main <= weak <= 1:
        raise ValueError(says)
    return critical, main, weak
