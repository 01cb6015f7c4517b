"""The optimality conditions of projections onto the dual cone, and quadprog's projections."""

import numpy as np
import pytest
from scipy.optimize import nnls

from moo.aggregators._solvers._dual_cone import project_rows, project_sum
from tests.aggregators._solvers.certificates import (
    SINGLE,
    answers,
    combined,
    dots,
    products,
    quadratic,
    terms,
    uniform,
)
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]

# The answers are sums of m projections each, so m times the work.
OF_ROWS = {2: 2000, 3: 1500, 4: 2000, 8: 1000, 16: 500, 32: 40, 64: 8}
# Of the terms of v: in float32 16 ulp, what rounded cosines leave; in x64 the end of the last
# proximal step on a cone with faces that nearly coincide.
OPEN = {np.float32: 16 * 2.0**-23, np.float64: 1e-10}


def one_row_each(stack):
    """Return preferences for a single row, drawn anew for each Jacobian."""
    n, m = stack.shape[:2]
    return np.eye(m)[np.random.default_rng(m).integers(m, size=n)]


def offences(stack, preference, weights):
    """Return conflict |v| units deep, and the slackness (w - p)'Jv, that a projection has not.

    v is the projection of J'p if and only if w >= p, Jv >= 0 and (w - p)'Jv = 0.
    """
    norms = np.linalg.norm(stack, axis=2)
    gains = products(stack, combined(stack, weights))
    conflict = np.maximum(-(gains / norms).min(axis=1), 0)
    return conflict, np.abs(dots(weights - preference, gains))


def satisfied(stack, preference, weights, dtype=np.float32):
    conflict, slackness = offences(stack, preference, weights)
    size = terms(stack, weights)
    fits = (conflict <= OPEN[dtype] * size) & (slackness <= OPEN[dtype] * size**2)
    return fits & (weights >= preference.astype(dtype)).all(axis=1)


def check(solver, m, number, preferences=one_row_each):
    stack = jacobians(m, number)
    preference = preferences(stack)
    weights, _, converged = answers(solver, stack, preference)
    assert converged[::2].mean() >= 0.99
    # Nearly opposite rows, or many of half rank, leave v open by the root of their rounding.
    assert converged[1::2].mean() >= 0.5
    assert satisfied(stack, preference, weights).all()
    # Well-conditioned cones have no large terms, so the bar is one relative to v.
    _, slackness = offences(stack[::2], preference[::2], weights[::2])
    square = np.sum(combined(stack[::2], weights[::2]) ** 2, axis=1)
    least = np.sum(stack[::2] ** 2, axis=2).min(axis=1)
    assert (slackness <= SINGLE[0] * square + SINGLE[1] * least).all()


@pytest.mark.parametrize("m", NUMBERS)
def test_sum(m):
    check(project_sum, m, NUMBERS[m])


@pytest.mark.parametrize("m", [2, 3, 4, 8])
def test_mean(m):
    check(project_sum, m, NUMBERS[m], uniform)


@pytest.mark.parametrize(("m", "number"), OF_ROWS.items())
def test_rows(m, number):
    """Each row's projection by itself, as a preference for it alone asks."""
    check(project_rows, m, number)


@pytest.mark.parametrize("m", NUMBERS)
def test_uniform_multipliers_fail(m):
    stack = jacobians(m)
    preference = one_row_each(stack)
    assert not satisfied(stack, preference, uniform(stack)).any()
    assert satisfied(stack, preference, preference + uniform(stack)).mean() < 0.01


@pytest.mark.parametrize("m", [2, 4, 8, 32])
@pytest.mark.parametrize("solver", [project_sum, project_rows])
def test_in_double(solver, m, x64):
    stack = jacobians(m, 300 if m < 32 else 48)
    preference = one_row_each(stack)
    weights, _, converged = answers(solver, stack, preference, dtype=np.float64)
    assert converged[::2].all()
    assert satisfied(stack, preference, weights, np.float64).all()


def projection(units, vector):
    """Return the nearest point to a vector that conflicts with no row, by quadprog's dual."""
    m = len(units)
    u = quadratic(units @ units.T, -units @ vector, np.eye(m), np.zeros(m), 0)
    return vector + u @ units


@pytest.mark.parametrize(("m", "number"), [(2, 800), (3, 800), (8, 400), (32, 24), (64, 4)])
def test_against_quadprog(m, number):
    """Projections are unique: each is quadprog's, and none conflicts with a row."""
    stack = jacobians(m, number)
    for solver in (project_rows, project_sum):
        weights, _, converged = answers(solver, stack, uniform(stack))
        assert converged[::2].mean() >= 0.99
        for k, (J, w) in enumerate(zip(stack, weights, strict=True)):
            units = J / np.linalg.norm(J, axis=1, keepdims=True)
            sources = J if solver is project_rows else J.mean(axis=0)[None]
            expected = np.mean([projection(units, g) for g in sources], axis=0)
            size = w @ np.linalg.norm(J, axis=1)
            # Where the cone is nearly flat, rounded cosines leave v open by their root.
            np.testing.assert_allclose(w @ J, expected, atol=(5e-3 if k % 2 else 1e-4) * size)
            length = np.linalg.norm(w @ J)
            if length > 0.1 * size:
                assert (units @ (w @ J)).min() >= -1e-5 * length


@pytest.mark.parametrize(("m", "d", "number"), [(6, 4, 600), (16, 8, 600), (20, 12, 300)])
def test_more_rows_than_columns(m, d, number):
    """What is called converged is the projection, also where that takes weights of a thousand."""
    stack = np.random.default_rng(0).standard_normal((number, m, d)).astype(np.float32)
    weights, _, converged = answers(project_sum, stack, uniform(stack))
    assert converged.mean() >= 0.97
    norms = np.linalg.norm(stack, axis=2)
    for J, w, scale in zip(stack[converged], weights[converged], norms[converged], strict=True):
        mean = J.mean(axis=0, dtype=np.float64)
        multipliers, _ = nnls((J / scale[:, None]).T.astype(np.float64), -mean)
        expected = mean + multipliers @ (J / scale[:, None])
        assert np.linalg.norm(w @ J - expected) <= 0.03 * scale.mean()
