"""Programs with kinks, bounds and an equality, beside clarabel on their segments."""

import clarabel
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._solvers._piecewise import minimise
from moo.aggregators._solvers._program import Program
from moo.aggregators._solvers._segments import interior_segments
from tests.aggregators._solvers.certificates import conic

M, RANK, NUMBER = 12, 5, 8


def programs(dtype):
    """Return rank-deficient programs: a third of the coordinates kinked, a third bounded."""
    rng = np.random.default_rng(3)
    factors = rng.standard_normal((NUMBER, M, RANK)) / np.sqrt(RANK)
    kinked = np.arange(M) % 3 == 0
    kink = np.where(kinked, rng.uniform(0.02, 0.2, (NUMBER, M)), 0)
    slope = np.where(kinked, rng.uniform(0, 0.5, (NUMBER, M)), 0)
    bound = np.where(np.arange(M) % 3 == 1, rng.uniform(0.1, 0.3, (NUMBER, M)), np.inf)
    parts = (
        factors @ factors.transpose(0, 2, 1),
        0.2 * rng.standard_normal((NUMBER, M)),
        rng.uniform(0.5, 1, (NUMBER, M)),
        np.ones(NUMBER),
        kink,
        slope,
        bound,
    )
    allowed = jnp.asarray(np.tile(np.arange(M) != 4, (NUMBER, 1)))
    return Program(*(jnp.asarray(part, dtype) for part in parts), allowed)


def value(program, x):
    kinks = program.slope * np.abs(x - program.kink)
    return x @ program.hessian @ x / 2 - program.linear @ x + kinks.sum()


def least(program):
    """Return the least value by clarabel, in what fills the segments before and after the kink."""
    ends = np.concatenate([program.kink, program.bound - program.kink])
    ends = np.where(np.tile(program.allowed, 2), ends, 0)
    finite = np.isfinite(ends)
    costs = np.concatenate([-program.linear - program.slope, -program.linear + program.slope])
    rows = np.concatenate([np.tile(program.normal, 2)[None], -np.eye(2 * M), np.eye(2 * M)[finite]])
    sides = np.concatenate([[program.total], np.zeros(2 * M), ends[finite]])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(len(sides) - 1)]
    best = conic(np.tile(program.hessian, (2, 2)), costs, rows, sides, cones)
    return best + program.slope @ program.kink


def each(stack):
    rows = [np.asarray(part, np.float64) for part in stack]
    return [Program(*(part[k] for part in rows)) for k in range(NUMBER)]


@pytest.fixture(scope="module")
def asked():
    return programs(jnp.float32)


@pytest.fixture(scope="module")
def answer(asked):
    return jax.jit(jax.vmap(minimise))(asked)


def test_as_clarabel(asked, answer):
    assert answer.settled.all()
    for program, x in zip(each(asked), np.asarray(answer.point, np.float64), strict=True):
        assert value(program, x) <= least(program) + 1e-6


def test_feasible(asked, answer):
    point = np.asarray(answer.point)
    assert point.min() >= 0
    assert (point <= np.asarray(asked.bound) + 1e-6).all()
    assert (point[:, 4] == 0).all()
    np.testing.assert_allclose((asked.normal * point).sum(axis=1), 1, rtol=1e-6)


def test_as_clarabel_in_double(x64):
    asked = programs(jnp.float64)
    answer = jax.jit(jax.vmap(minimise))(asked)
    for program, x in zip(each(asked), np.asarray(answer.point), strict=True):
        assert value(program, x) <= least(program) + 1e-8


def test_warm_start_stays(asked, answer):
    again = jax.jit(jax.vmap(minimise))(asked, answer)
    for program, x, y in zip(each(asked), answer.point, again.point, strict=True):
        assert abs(value(program, np.float64(x)) - value(program, np.float64(y))) < 1e-6


def test_interior_alone_is_near(asked):
    """Bounds and equality hold, and the value is the least one to single precision."""
    inside = jax.jit(jax.vmap(interior_segments))(asked)
    assert inside.done.all()
    for program, x in zip(each(asked), np.asarray(inside.point, np.float64), strict=True):
        assert x.min() >= 0
        assert (x <= program.bound + 1e-6).all()
        assert value(program, x) <= least(program) + 1e-5


def test_nan_ends():
    asked = jax.tree.map(lambda part: part[0], programs(jnp.float32))
    place = minimise(asked._replace(linear=jnp.full(M, jnp.nan)))
    assert place.point.shape == (M,)
