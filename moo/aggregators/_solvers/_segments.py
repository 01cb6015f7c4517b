r"""An interior-point start for a quadratic program with kinks, bounds and one equality.

Every coordinate is the sum of two segments, $x = q_0 + q_1$ with $q_0 \in [0, p]$ of slope $-s$
and $q_1 \in [0, h - p]$ of slope $s$; the first fills up before the second, for it is cheaper. A
step of Mehrotra's method then needs one factorisation of H plus a diagonal, whatever the rank of H.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import cho_solve

from moo._types import Array
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._rows import cholesky, dot, nonzero, times

_SIGNS = ((1,), (1,), (-1,), (-1,))  # how the gaps move with what fills the segments


class Segments(NamedTuple):
    """A point inside all bounds. Rows of a (4, m) array: q_0, q_1, and what is left of their ends.

    Attributes:
        gaps: shape (4, m), positive where the bound exists.
        forces: shape (4, m), positive where the bound exists; the multipliers of the gaps.
        price: (): the multiplier of the equality.
        steps: (), int32.
        done: (), bool.
    """

    gaps: Array
    forces: Array
    price: Array
    steps: Array
    done: Array

    @property
    def point(self) -> Array:
        """The coordinates x, shape (m,)."""
        return self.gaps[..., 0, :] + self.gaps[..., 1, :]


class _Frame(NamedTuple):
    program: Program  # in units of its largest slope
    bounds: Array  # (4, m) bool: which exist
    cost: Array  # (2, m)


class _System(NamedTuple):
    factor: tuple[Array, bool]
    lifted: Array  # (m,): how x answers to the price of the equality
    ratio: Array  # (4, m): forces over gaps
    weight: Array  # (2, m): how a segment answers to a force, 0 where it does not exist
    stiff: Array  # (m,): the diagonal that the bounds add to H
    off: Array  # (2, m): what the slopes miss
    missing: Array  # (): what the equality misses


def interior_segments(program: Program, limit: Array | int = 24) -> Segments:
    """Return a nearly optimal point of the program.

    Args:
        program: the program, with entries of order 1.
        limit: largest number of steps, each with one factorisation.
    """
    ends = jnp.stack([program.kink, program.bound - program.kink])
    exists = (ends > 0) & program.allowed
    some = exists.any(axis=0)
    size = jnp.max(jnp.where(some, jnp.abs(program.linear) + program.slope, 0))
    size = jnp.maximum(size, 1)
    frame = _Frame(
        program._replace(
            hessian=_within(program.hessian / size, some),
            linear=jnp.where(some, program.linear / size, 0),
            normal=jnp.where(some, program.normal, 0),
        ),
        jnp.concatenate([exists, exists & jnp.isfinite(ends)]),
        jnp.stack([-program.slope, program.slope]) / size,
    )
    last = lax.while_loop(
        lambda s: ~s.done & (s.steps < limit), lambda s: _step(frame, s), _start(frame, ends)
    )
    return last._replace(forces=last.forces * size, price=last.price * size)


def _within(matrix: Array, some: Array) -> Array:
    """Put the identity in place of coordinates that cannot move."""
    eye = jnp.eye(len(some), dtype=matrix.dtype)
    return jnp.where(some[:, None] & some[None, :], matrix, eye)


def _start(frame: _Frame, ends: Array) -> Segments:
    even = frame.program.total / nonzero(jnp.sum(frame.bounds[:2] * frame.program.normal))
    filled = jnp.minimum(even, ends / 2)
    left = jnp.where(frame.bounds[2:], ends - filled, 0)
    gaps = jnp.where(frame.bounds, jnp.concatenate([filled, left]), 0)
    forces = frame.bounds.astype(gaps.dtype)
    return Segments(gaps, forces, jnp.zeros_like(even), jnp.int32(0), jnp.bool_(False))


def _step(frame: _Frame, s: Segments) -> Segments:
    """Take a predictor and a corrector step, in units of what the multipliers weigh."""
    system = _system(frame, s)
    number = jnp.maximum(jnp.sum(frame.bounds), 1).astype(s.gaps.dtype)
    middle = jnp.sum(s.gaps * s.forces) / number
    ahead, pushed, _ = _direction(frame, s, system, jnp.zeros_like(s.gaps))
    reach = jnp.minimum(_room(s.gaps, ahead), _room(s.forces, pushed))
    rest = jnp.sum((s.gaps + reach * ahead) * (s.forces + reach * pushed)) / number
    aim = jnp.clip(rest / nonzero(middle), 0, 1) ** 3 * middle - ahead * pushed
    moves = _direction(frame, s, system, aim)
    length = jnp.minimum(0.99 * jnp.minimum(_room(s.gaps, moves[0]), _room(s.forces, moves[1])), 1)
    gaps, forces, price = (
        x + length * move for x, move in zip((s.gaps, s.forces, s.price), moves, strict=True)
    )
    lost = ~jnp.isfinite(jnp.sum(gaps) + jnp.sum(forces) + price)
    near = _near(s, system, middle)
    kept = lost | near
    return Segments(jnp.where(kept, s.gaps, gaps), jnp.where(kept, s.forces, forces),
                    jnp.where(kept, s.price, price), s.steps + 1, kept)  # fmt: skip


def _near(s: Segments, system: _System, middle: Array) -> Array:
    unit = float(jnp.finfo(s.gaps.dtype).eps)
    small = max(2 * unit, 1e-14) * jnp.sum(s.point) / len(s.point)
    worst = jnp.max(jnp.where(system.weight > 0, jnp.abs(system.off), 0))
    return (middle <= small) & (worst <= unit**0.6) & (jnp.abs(system.missing) <= unit**0.6)


def _system(frame: _Frame, s: Segments) -> _System:
    program, unit = frame.program, float(jnp.finfo(s.gaps.dtype).eps)
    ratio = jnp.where(frame.bounds, s.forces / nonzero(s.gaps), 0)
    weight = jnp.where(frame.bounds[:2], 1 / nonzero(ratio[:2] + ratio[2:]), 0)
    total = jnp.sum(weight, axis=0)
    stiff = jnp.where(total > 0, 1 / nonzero(total), 0)
    slope = times(program.hessian, s.point) - program.linear - s.price * program.normal
    off = slope + frame.cost - s.forces[:2] + s.forces[2:]
    factor = cholesky(program.hessian + jnp.diag(stiff + unit))
    lifted = cho_solve(factor, program.normal)
    missing = program.total - dot(program.normal, s.point)
    return _System(factor, lifted, ratio, weight, stiff, off, missing)


def _direction(
    frame: _Frame, s: Segments, system: _System, aim: Array
) -> tuple[Array, Array, Array]:
    """Solve for the moves of gaps, forces and price that bring their products to the aim."""
    normal, signs = frame.program.normal, jnp.asarray(_SIGNS, aim.dtype)
    alone = jnp.where(frame.bounds, aim / nonzero(s.gaps) - s.forces, 0)
    push = alone[:2] - alone[2:] - system.off
    mean = jnp.sum(system.weight * push, axis=0) * system.stiff
    own = cho_solve(system.factor, mean)
    rise = (system.missing - dot(normal, own)) / nonzero(dot(normal, system.lifted))
    move = own + rise * system.lifted
    filled = system.weight * (push - mean + system.stiff * move)
    ahead = jnp.where(frame.bounds, signs * jnp.concatenate([filled, filled]), 0)
    return ahead, alone - system.ratio * ahead, rise


def _room(x: Array, step: Array) -> Array:
    """Return the largest multiple of the step, at most 1/0.99, that leaves x non-negative."""
    reach = jnp.where(step < 0, -x / jnp.where(step < 0, step, 1), jnp.inf)
    return jnp.minimum(jnp.min(reach), 1 / 0.99)
