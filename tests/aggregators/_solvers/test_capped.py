import numpy as np
import pytest

from moo.aggregators._solvers._capped import capped_min_norm
from tests.aggregators.stacks import directions, solve

ROWS = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1], [0.05, 0.02, 0.01]])


@pytest.mark.parametrize(
    ("cap", "weights"),
    [(1.0, [0, 0.015947, 0.984053]), (0.5, [0.251834, 0.248166, 0.5]), (0.01, [1 / 3] * 3)],
)
def test_worked_example(cap, weights):
    found, residual, converged = solve(capped_min_norm, [ROWS], cap)
    np.testing.assert_allclose(found[0], weights, atol=2e-6)
    assert converged.all()
    assert residual.max() < 1e-5


def test_two_rows_are_the_clipped_min_norm():
    """λ₁ = clip(MGDA, 1 - cap, cap)."""
    stack = np.random.default_rng(0).standard_normal((20, 2, 3))
    weights, _, _ = solve(capped_min_norm, stack, 0.7)
    gaps = stack[:, 0] - stack[:, 1]
    free = -(gaps * stack[:, 1]).sum(axis=1) / (gaps**2).sum(axis=1)
    np.testing.assert_allclose(weights[:, 0], np.clip(free, 0.3, 0.7), atol=1e-5)


def test_a_mask_is_the_smaller_problem():
    mask = np.array([[True, False, True]])
    masked, _, _ = solve(capped_min_norm, [ROWS], 0.6, mask)
    alone, _, _ = solve(capped_min_norm, [ROWS[[0, 2]]], 0.6)
    np.testing.assert_allclose(masked[0, [0, 2]], alone[0], rtol=1e-6)
    assert masked[0, 1] == 0


def test_a_zero_row_takes_no_more_than_the_cap():
    stack = [ROWS * [[1], [0], [1]], ROWS * [[1e-6], [1e6], [1]]]
    weights, _, converged = solve(capped_min_norm, stack, 0.5)
    assert converged.all()
    assert weights[0, 1] == pytest.approx(0.5)
    # The two short rows get all they may have, and the long one nothing.
    np.testing.assert_allclose(weights[1], [0.5, 0, 0.5], atol=1e-5)
    assert np.isfinite(directions(stack, weights)).all()


def test_a_zero_row_takes_all_that_the_cap_leaves():
    stack = np.array([[[1, 2], [0, 0]]])
    weights, residual, converged = solve(capped_min_norm, stack, 1.0)
    np.testing.assert_array_equal(weights, [[0, 1]])
    assert converged.all()
    assert residual.max() == 0


def test_no_weight_above_the_cap_is_vouched_for():
    rng = np.random.default_rng(1)
    stack = rng.standard_normal((30, 40, 5)) * 10.0 ** rng.uniform(-6, 6, (30, 40, 1))
    weights, _, converged = solve(capped_min_norm, stack, 0.5)
    assert weights[converged.astype(bool)].max() <= 0.5 * (1 + 2e-5)
