import numpy as np
import pytest

from moo.aggregators._solvers._conic import conflict_averse
from tests.aggregators import oracles
from tests.aggregators.matrices import masks, pairs, quadruples
from tests.aggregators.stacks import directions, solve

CASES = {2: pairs(), 4: quadruples()}


@pytest.mark.parametrize("c", [0.4, 1.5])
@pytest.mark.parametrize("m", [2, 4])
def test_best_worst_case_in_the_ball(m, c):
    """v lies in the ball, and no point of it has a better worst case (strong duality)."""
    chosen = [(case, J, mask) for case, J in CASES[m].items() for mask in masks(m)]
    cases, stack, active = map(list, zip(*chosen, strict=True))
    weights, _, _ = solve(conflict_averse, stack, c, active)
    for k, v in enumerate(directions(stack, weights)):
        J = stack[k][active[k]].astype(np.float64)
        g0, longest = J.mean(axis=0), np.linalg.norm(J, axis=1).max()
        slack = 1e-3 * (np.linalg.norm(g0) + np.linalg.norm(v))
        assert np.linalg.norm(v - g0) <= c * np.linalg.norm(g0) + slack, cases[k]
        best = oracles.cagrad_value(J, c) if longest else 0
        assert (J @ v).min() >= best - longest * slack, cases[k]


def test_c_zero_is_the_mean():
    for cases in CASES.values():
        stack = list(cases.values())
        weights, residual, converged = solve(conflict_averse, stack, 0)
        np.testing.assert_allclose(weights, 1 / weights.shape[1], rtol=1e-6)
        assert converged.all()
        assert not residual.any()


def test_large_c_has_the_direction_of_mgda():
    stack = [J for case, J in CASES[4].items() if case == "row scales, one side"]
    stack += [np.abs(J) for case, J in CASES[4].items() if case.startswith("random")]
    weights, _, _ = solve(conflict_averse, stack, 1e3)
    for J, v in zip(stack, directions(stack, weights), strict=True):
        u = oracles.min_norm(J.astype(np.float64))
        assert v @ u >= (1 - 1e-4) * np.linalg.norm(v) * np.linalg.norm(u)


def test_where_the_pull_vanishes():
    """A zero row and opposite rows leave a point of the ball: never 0 for c < 1, never NaN."""
    g = np.array([1, 0.2, -0.5])
    weights, _, converged = solve(conflict_averse, [[g, 0 * g], [g, -0.5 * g]], 0.4)
    v = directions([[g, 0 * g], [g, -0.5 * g]], weights)
    # With a zero row the mean itself conflicts with nothing, so it is the nearest such point.
    np.testing.assert_allclose(v[0], g / 2, rtol=1e-5)
    # Opposite rows: the mean shortened by the radius, against the longer row's wish.
    np.testing.assert_allclose(v[1], 0.6 * g / 4, rtol=1e-3)
    assert converged.all()


def test_upgrad_paper_counterexample():
    """[[2, 0], [-2a - 2, 2]] conflicts if and only if a > c / sqrt(1 - c²)."""
    c = 0.5
    limit = c / np.sqrt(1 - c**2)
    stack = [[[2, 0], [-2 * a - 2, 2]] for a in (0.9 * limit, 1.1 * limit)]
    weights, _, _ = solve(conflict_averse, stack, c)
    worst = [
        (np.array(J) @ v).min() for J, v in zip(stack, directions(stack, weights), strict=True)
    ]
    assert worst[0] > 0 > worst[1]


@pytest.mark.conformance
@pytest.mark.parametrize(("m", "d"), [(2, 4), (3, 3), (4, 3), (64, 100), (64, 20)])
@pytest.mark.parametrize("c", [0.4, 1.5])
def test_thousands_of_random_gramians(m, d, c):
    rng = np.random.default_rng(m + d)
    stack = rng.standard_normal((2000 if m < 20 else 12, m, d)).astype(np.float32)
    stack[::2] += np.float32(0.4)
    weights, _, converged = solve(conflict_averse, stack, c)
    assert converged.mean() > 0.99
    g0 = stack.astype(np.float64).mean(axis=1)
    ratio = np.linalg.norm(directions(stack, weights) - g0, axis=1) / np.linalg.norm(g0, axis=1)
    assert ratio.max() <= c * 1.02


def test_a_hull_around_zero_is_no_reason_to_climb():
    """Rounding leaves a short pull there, which at c > 1 must not become minus the mean."""
    stack = np.random.default_rng(0).standard_normal((500, 3, 2)).astype(np.float32)
    weights, _, _ = solve(conflict_averse, stack, 5.0)
    for J, w in zip(stack, weights, strict=True):
        v = w @ J
        size = np.linalg.norm(J, axis=1).max() * np.linalg.norm(J.mean(axis=0))
        assert (J @ v).min() >= -1e-3 * size
