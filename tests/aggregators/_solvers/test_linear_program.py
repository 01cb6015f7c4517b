import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from moo.aggregators._solvers._linear_program import Program, linear_program


def draw(number, n, k, seed):
    """Return programs of which many have no feasible point, with shares in (0, 1]."""
    rng = np.random.default_rng(seed)
    share = np.exp(rng.uniform(-2, 0, (number, n)))
    parts = (
        rng.standard_normal((number, n)),
        rng.standard_normal((number, k, n)),
        rng.standard_normal((number, k)) - 0.8,
        share,
        rng.uniform(0.5, 1, number),
    )
    return [part.astype(np.float32) for part in parts]


@functools.cache
def compiled(n, k):
    def solve(goal, rows, bounds, share, total, allowed, kept):
        return linear_program(Program(goal, rows, bounds, share, total, allowed, kept))

    return jax.jit(jax.vmap(solve))


def everything(number, n, k):
    return np.ones((number, n), bool), np.ones((number, k), bool)


def oracle(goal, rows, bounds, share, total):
    answer = linprog(-goal, A_ub=-rows, b_ub=-bounds, A_eq=share[None], b_eq=[total])
    return -answer.fun if answer.status == 0 else None


def assert_as_highs(number, n, k, seed):
    parts = draw(number, n, k, seed)
    vertex = compiled(n, k)(*parts, *everything(number, n, k))
    parts = [part.astype(np.float64) for part in parts]
    for i in range(number):
        expected = oracle(*(part[i] for part in parts))
        # What violates a row by a rounding error may pass for feasible, but is never certified.
        assert bool(vertex.converged[i]) == (expected is not None)
        if expected is not None:
            assert bool(vertex.feasible[i])
            point = np.asarray(vertex.point[i], np.float64)
            size = np.abs(parts[0][i]) @ point
            assert parts[0][i] @ point == pytest.approx(expected, abs=2e-5 * size)


def test_against_highs():
    assert_as_highs(300, 4, 5, seed=0)


@pytest.mark.conformance
@pytest.mark.parametrize(("number", "n", "k"), [(2000, 3, 4), (2000, 8, 9), (64, 64, 65)])
def test_thousands_against_highs(number, n, k):
    assert_as_highs(number, n, k, seed=n)


def test_a_program_worked_by_hand():
    """max 3x + 2y + z on the simplex, x <= 1/2 and y <= 1/4: x = 1/2, y = 1/4, value 9/4."""
    program = Program(
        goal=jnp.array([3.0, 2.0, 1.0]),
        rows=jnp.array([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
        bounds=jnp.array([-0.5, -0.25]),
        share=jnp.ones(3),
        total=jnp.ones(()),
        allowed=jnp.ones(3, bool),
        kept=jnp.ones(2, bool),
    )
    vertex = linear_program(program)
    np.testing.assert_allclose(vertex.point, [0.5, 0.25, 0.25], atol=1e-6)
    np.testing.assert_allclose(vertex.multipliers, [2, 1], atol=1e-5)
    assert bool(vertex.converged)


def test_masks_give_the_smaller_program():
    number, n, k = 64, 4, 5
    parts = draw(number, n, k, seed=1)
    allowed, kept = np.arange(n) != 2, np.arange(k) != 3
    masked = compiled(n, k)(*parts, np.tile(allowed, (number, 1)), np.tile(kept, (number, 1)))
    goal, rows, bounds, share, total = (part.astype(np.float64) for part in parts)
    assert (np.asarray(masked.point)[:, 2] == 0).all()
    assert (np.asarray(masked.multipliers)[:, 3] == 0).all()
    for i in range(number):
        expected = oracle(goal[i][allowed], rows[i][kept][:, allowed], bounds[i][kept],
                          share[i][allowed], total[i])  # fmt: skip
        assert bool(masked.feasible[i]) == (expected is not None)
        if expected is not None:
            assert goal[i] @ np.asarray(masked.point[i], float) == pytest.approx(expected, abs=1e-4)


def test_no_feasible_point_is_said_and_finite():
    """x >= 0.8 and y >= 0.8 on the simplex: a little of each has to give."""
    parts = [np.zeros((1, 4)), np.eye(5, 4)[None], np.array([[0.8, 0.8, 0, 0, 0]]),
             np.ones((1, 4)), np.ones(1)]  # fmt: skip
    vertex = compiled(4, 5)(*(part.astype(np.float32) for part in parts), *everything(1, 4, 5))
    assert not vertex.feasible[0]
    assert not vertex.converged[0]
    assert np.isfinite(vertex.point).all()
    np.testing.assert_allclose(vertex.point[0].sum(), 1, atol=1e-5)
    assert (vertex.point[0, :2] > 0.2).all()


def test_what_is_not_a_number_ends_and_is_not_certified():
    parts = draw(2, 4, 5, seed=2)
    parts[1][0, 1, 1] = np.nan
    vertex = compiled(4, 5)(*parts, *everything(2, 4, 5))
    assert not vertex.converged[0]


def test_uniform_points_fail_the_bar():
    """The certificate tells an optimum from a guess."""
    from moo.aggregators._solvers._linear_program import _residual

    goal, rows, bounds, share, total = (part[0] for part in draw(1, 4, 5, seed=3))
    program = Program(goal, rows, bounds - 3, share, total, jnp.ones(4, bool), jnp.ones(5, bool))
    guess = jnp.full(4, total / share.sum())
    assert float(_residual(program, guess, jnp.zeros(5))) > 0.1


@pytest.mark.conformance
def test_many_rows_stay_finite():
    n = 512
    rng = np.random.default_rng(4)
    J = rng.standard_normal((n, 600)).astype(np.float32)
    G = J @ J.T / 600
    program = Program(G.sum(axis=0), G, np.zeros(n, np.float32), np.ones(n, np.float32),
                      jnp.ones(()), jnp.ones(n, bool), jnp.ones(n, bool))  # fmt: skip
    vertex = jax.jit(linear_program)(program)
    assert np.isfinite(vertex.point).all()
    assert float(jnp.sum(vertex.point)) == pytest.approx(1, abs=1e-5)
