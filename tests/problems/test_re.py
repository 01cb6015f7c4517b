"""Engineering problems against the published ideal and nadir points, which corners attain."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems
from moo.metrics import nondominated

# Which entries of the published points belong to a corner of the box.
ATTAINED = {
    "re21": ([0, 1], [0, 1]),
    "re24": ([0, 1], [1]),
    "re31": ([0, 1], [1, 2]),
    "re32": ([0, 1, 2], [1, 2]),
    "re33": ([0, 1, 2], [0, 2]),
    "re34": ([0, 1, 2], [0, 1, 2]),
    "re37": ([2], []),
    "re41": ([0, 1, 2, 3], [1, 2, 3]),
    "re61": ([0, 1, 2, 3, 4, 5], [1, 2, 4, 5]),
}


@pytest.fixture(scope="module", params=sorted(ATTAINED))
def problem(request):
    return moo.problems.problem(request.param)


def test_corners_attain_the_published_points(problem, x64):
    corners = np.array(list(itertools.product(*zip(*problem.bounds, strict=True))))
    losses = np.asarray(jax.jit(jax.vmap(problem.objectives))(jnp.asarray(corners)))
    points = (problem.ideal_point, problem.nadir_point)
    for point, entries in zip(points, ATTAINED[problem.name], strict=True):
        for j in entries:
            gap = np.abs(losses[:, j] - point[j]).min()
            assert gap <= 1e-9 * max(1.0, abs(point[j])), (j, gap)


def test_ends_of_the_front_of_re21():
    front = moo.problems.re21().pareto_front(101)
    np.testing.assert_allclose(front[0], [1237.8414, 0.04], rtol=1e-7)
    np.testing.assert_allclose(front[-1], [2886.3696, 0.00276142], rtol=2e-6)


def test_no_random_point_dominates_the_front_of_re21():
    problem = moo.problems.re21()
    front = problem.pareto_front(50)
    draws = np.random.default_rng(0).uniform(*problem.bounds, (20_000, 4))
    draws[:, 2] = np.sqrt(2)
    losses = np.asarray(jax.jit(jax.vmap(problem.objectives))(jnp.asarray(draws, jnp.float32)))
    rounding = np.array([0.01, 1e-7])
    assert nondominated(np.concatenate([front, losses + rounding]))[:50].all()


def test_violations_are_zero_where_the_constraints_hold():
    for name, x in {"re24": [2.0, 10.0], "re32": [1.0, 10.0, 10.0, 1.0]}.items():
        assert float(moo.problems.problem(name).objectives(jnp.array(x))[-1]) == 0.0


def test_the_corner_that_the_published_nadir_of_re61_leaves_out():
    losses = np.asarray(moo.problems.re61().objectives(jnp.full(3, 0.01)))
    np.testing.assert_allclose(losses[:3], [63840.2774, 30.0, 285346.9], rtol=1e-6)
    assert losses[4] > 87748.6 * 3
    assert losses[5] > 90_000
