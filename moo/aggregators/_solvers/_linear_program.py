r"""Small dense linear programs over a simplex, by the parametric self-dual simplex method.

Bounds and costs are moved by $\mu$ times positive numbers without ties, so that the first vertex is
optimal for a large $\mu$; each pivot keeps the vertex optimal while $\mu$ falls to 0. There are no
phases, no cycling, and where no point is feasible $\mu$ stops at the least relaxation that has one
(Dantzig 1963; Vanderbei, "Linear Programming", chapter 7).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from moo._types import Array
from moo.aggregators._solvers._rows import dot, nonzero, rounding, times, tolerance

_GOLDEN = 0.6180339887498949


class Program(NamedTuple):
    r"""$\max c^\top x$ subject to $A x \ge b$, $s^\top x = t$ and $x \ge 0$.

    Attributes:
        goal: c, shape (n,).
        rows: A, shape (k, n).
        bounds: b, shape (k,).
        share: s, shape (n,), non-negative; with a positive entry among the allowed ones.
        total: (): t, positive.
        allowed: shape (n,), bool; which x may leave 0.
        kept: shape (k,), bool; which rows count.
    """

    goal: Array
    rows: Array
    bounds: Array
    share: Array
    total: Array
    allowed: Array
    kept: Array


class Vertex(NamedTuple):
    """An answer with its certificate.

    Attributes:
        point: x, shape (n,); where no point is feasible, one near the least relaxation.
        multipliers: y, shape (k,), non-negative: the dual solution.
        residual: (): the worst of violated rows, of violated dual rows and of the duality gap,
            each relative to the size of its own terms and beyond their rounding errors.
        feasible: (), bool.
        converged: (), bool; whether it is feasible, and the residual meets the tolerance.
    """

    point: Array
    multipliers: Array
    residual: Array
    feasible: Array
    converged: Array


class _Dictionary(NamedTuple):
    """Basic variables as functions of the others: basic = q + mu q' - T others."""

    table: Array  # (k + 3, n + 2): T, q and q'; below it the costs z and z' of the others
    basic: Array  # (k + 1,), int32: x is 0 to n - 1; slacks follow, that of the simplex first
    others: Array  # (n,), int32


class _Pivots(NamedTuple):
    dictionary: _Dictionary
    relaxation: Array  # (): mu
    stuck: Array  # (), bool: no pivot lowers mu
    passes: Array  # (), int32


@jax.jit
def linear_program(program: Program) -> Vertex:
    """Solve a linear program, or say that it has no feasible point.

    The last basis is solved for again on the data themselves, so that what the pivots have lost
    to rounding does not count.

    Args:
        program: the program; its entries should be of order 1.

    Returns:
        The optimal vertex with its certificate.
    """
    first, scale, reference, factor = _start(program)
    last = _pivot(first)
    n, accepted = len(program.goal), tolerance(program.goal.dtype)
    # A set of feasible points that is flat may be lost by a rounding error.
    infeasible = last.stuck & ~(last.relaxation <= accepted)
    values, costs = _refined(
        first.table, last.dictionary, jnp.where(infeasible, last.relaxation, 0)
    )
    point = jnp.where(jnp.arange(n) == reference, values[n] / factor, values[:n])
    total = program.total / nonzero(dot(program.share, point))
    point = point * jnp.where(infeasible, total, 1)
    multipliers = jnp.where(program.kept, costs[n + 1 :] / scale, 0)
    residual = _residual(program, point, multipliers)
    return Vertex(point, multipliers, residual, ~infeasible, ~infeasible & (residual <= accepted))


def _start(program: Program) -> tuple[_Dictionary, Array, Array, Array]:
    """Solve the simplex for the x of the largest share, and write all else in the other x."""
    goal, rows, bounds, share, total, allowed, kept = program
    k, n = rows.shape
    reference = jnp.argmax(jnp.where(allowed, share, -1))
    free = allowed & (jnp.arange(n) != reference)
    least = nonzero(share[reference])
    relative, most = share / least, total / least
    matrix = jnp.where(free, rows[:, reference, None] * relative - rows, 0)
    scale = nonzero(jnp.max(jnp.abs(matrix), axis=1))
    sides = (rows[:, reference] * most - bounds) / scale
    matrix = jnp.where(kept[:, None], matrix / scale[:, None], 0)
    # Between the longest and the shortest share, so that neither looks like a rounding error.
    shared = free & (relative > 0)
    extremes = jnp.min(jnp.where(shared, relative, 1)) * jnp.max(jnp.where(shared, relative, 0))
    factor = 1 / nonzero(jnp.sqrt(extremes))
    matrix = jnp.concatenate([jnp.where(free, factor * relative, 0)[None], matrix])
    sides = jnp.concatenate([factor * most[None], jnp.where(kept, sides, 1)])
    costs = jnp.where(free, goal[reference] * relative - goal, 0)
    reach = jnp.where(shared, most / nonzero(relative), 0)
    sizes = jnp.max(jnp.abs(matrix) * reach, axis=1) + jnp.abs(sides)
    pushes = jnp.concatenate([jnp.ones(1, bool), kept]) * _untied(k + 1, 1, goal.dtype)
    dear = free * _untied(n, k + 2, goal.dtype) * nonzero(jnp.max(jnp.abs(costs)))
    columns = jnp.stack([sides, pushes * nonzero(sizes)], axis=1)
    body = jnp.concatenate([matrix, columns], axis=1)
    feet = jnp.pad(jnp.stack([costs, dear]), ((0, 0), (0, 2)))
    table = jnp.concatenate([body, feet])
    others = jnp.arange(n, dtype=jnp.int32)
    basic = jnp.arange(n, n + k + 1, dtype=jnp.int32)
    return _Dictionary(table, basic, others), scale, reference, factor


def _pivot(first: _Dictionary) -> _Pivots:
    """Exchange variables until mu is 0, or no exchange lowers it."""
    size = sum(first.table.shape)
    start = _Pivots(first, _relaxation(first.table)[0], jnp.bool_(False), jnp.int32(0))
    # NaN ends the loop as well.
    return lax.while_loop(
        lambda s: (s.relaxation > 0) & ~s.stuck & (s.passes < 4 * size),
        _lower,
        start,
    )


def _lower(s: _Pivots) -> _Pivots:
    table = s.dictionary.table
    mu, row, column, by_cost = _relaxation(table)
    leaving, blocked = _least_ratio(table[:-2, -2], mu * table[:-2, -1], table[:-2, column])
    entering, barred = _least_ratio(table[-2, :-2], mu * table[-1, :-2], -table[row, :-2])
    row = jnp.where(by_cost, leaving, row)
    column = jnp.where(by_cost, column, entering)
    stuck = jnp.where(by_cost, blocked, barred)
    moved = _exchange(s.dictionary, row, column)
    kept = _Dictionary(*(jnp.where(stuck, a, b) for a, b in zip(s.dictionary, moved, strict=True)))
    mu = jnp.where(stuck, mu, _relaxation(kept.table)[0])
    return _Pivots(kept, mu, stuck, s.passes + 1)


def _relaxation(table: Array) -> tuple[Array, Array, Array, Array]:
    """Return the least mu of this vertex, the row and the column that set it, and which does."""
    by_row = _onset(table[:-2, -2], table[:-2, -1])
    by_column = _onset(table[-2, :-2], table[-1, :-2])
    row, column = jnp.argmax(by_row), jnp.argmax(by_column)
    by_cost = by_column[column] >= by_row[row]
    return jnp.maximum(by_column[column], by_row[row]), row, column, by_cost


def _onset(values: Array, pushes: Array) -> Array:
    """Return the mu at which each value + mu push reaches 0 from below."""
    return jnp.where(pushes > 0, -values / jnp.where(pushes > 0, pushes, 1), -jnp.inf)


def _least_ratio(values: Array, pushes: Array, slopes: Array) -> tuple[Array, Array]:
    """Return which value a growing variable brings to 0 first, and whether there is none.

    Of those that are first to within rounding, the steepest (Harris 1973): the least pivots may be
    rounding errors themselves.
    """
    falls = slopes > float(jnp.finfo(values.dtype).eps) ** 0.75 * jnp.max(jnp.abs(slopes))
    safe = jnp.where(falls, slopes, 1)
    margin = jnp.maximum(values + pushes, 0)
    noise = rounding(values.dtype) * (jnp.abs(values) + jnp.abs(pushes))
    furthest = jnp.min(jnp.where(falls, (margin + noise) / safe, jnp.inf))
    tied = falls & (margin / safe <= furthest)
    return jnp.argmax(jnp.where(tied, slopes, -1)), ~falls.any()


def _exchange(dictionary: _Dictionary, row: Array, column: Array) -> _Dictionary:
    table, basic, others = dictionary
    here = jnp.arange(table.shape[0]) == row
    there = jnp.arange(table.shape[1]) == column
    pivot = table[row, column]
    across, down = table[row] / pivot, table[:, column]
    moved = table - down[:, None] * across[None, :]
    moved = jnp.where(there, (-down / pivot)[:, None], moved)
    swapped = jnp.where(there, 1 / pivot, across)
    moved = jnp.where(here[:, None], swapped, moved)
    enters, leaves = others[column], basic[row]
    basic = jnp.where(here[:-2], enters, basic)
    return _Dictionary(moved, basic, jnp.where(there[:-2], leaves, others))


def _refined(data: Array, last: _Dictionary, mu: Array) -> tuple[Array, Array]:
    """Solve the last basis for the data, with its table as the inverse: values and costs of all."""
    n = len(last.others)
    matrix, table = data[:-2, :-2], last.table[:-2, :-2]
    sides, prices = data[:-2, -2] + mu * data[:-2, -1], data[-2, :-2]
    nothing = jnp.zeros(sum(matrix.shape), data.dtype)
    values = nothing.at[last.basic].set(last.table[:-2, -2] + mu * last.table[:-2, -1])
    costs = nothing.at[last.others].set(last.table[-2, :-2])
    for _ in range(3):
        slack = sides - times(matrix, values[:n])
        off = jnp.concatenate([values[:n], slack])[last.others]
        values = values.at[last.basic].add(times(table, off))
        price = prices + times(matrix.T, costs[n:])
        wrong = jnp.concatenate([price, costs[n:]])[last.basic]
        costs = costs.at[last.others].add(-times(table.T, wrong))
    return jnp.maximum(values, 0), jnp.maximum(costs, 0)


def _residual(program: Program, x: Array, y: Array) -> Array:
    goal, rows, bounds, share, total, allowed, kept = program
    error = rounding(x.dtype)
    size = jnp.abs(rows)
    terms = times(size, x) + jnp.abs(bounds)
    slack = times(rows, x) - bounds
    violated = jnp.max(jnp.where(kept, -slack / nonzero(terms) - error, 0), initial=0)
    off = jnp.abs(dot(share, x) - total) / total - error

    reduced = goal + times(rows.T, y)
    spread = error * (jnp.abs(goal) + times(size.T, y))
    priced = allowed & (share > 0)
    least = jnp.where(priced, (reduced - spread) / nonzero(share), -jnp.inf)
    price = jnp.max(least)
    unpriced = (reduced - spread) / nonzero(spread / error)
    unmet = jnp.max(jnp.where(allowed & (share == 0), unpriced, 0))
    mass = dot(x, spread) / error + dot(y, jnp.abs(bounds))
    gap = jnp.abs(dot(x, price * share - reduced)) + dot(y, jnp.abs(slack)) - error * mass
    worst = jnp.stack([violated, off, unmet, gap / nonzero(mass)])
    return jnp.maximum(jnp.max(worst), 0)


def _untied(number: int, start: int, dtype: jnp.dtype) -> Array:
    """Return numbers in [0.5, 1) of which no two are alike."""
    return jnp.asarray(0.5 + np.modf(_GOLDEN * (start + np.arange(number)))[0] / 2, dtype)
