import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import nnls

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._dual_cone import conflict, project_rows, project_sum
from moo.aggregators._solvers._rows import Rows
from tests.aggregators.stacks import solve


def even(active):
    return active / jnp.sum(active)


def rows_projected(gram, active, parameter):
    return project_rows(gram, active, even(active))


def sum_projected(gram, active, parameter):
    return project_sum(gram, active, even(active))


def worst_cosine(J, w):
    v = np.asarray(w) @ J
    return (J @ v / np.linalg.norm(J, axis=1)).min() / np.linalg.norm(v)


@pytest.mark.parametrize("solver", [rows_projected, sum_projected])
def test_traps_that_a_ridge_does_not_survive(solver):
    """Scale ratios and near-stationarity, where a ridge of 1e-4 gives cosines of -0.33 and less."""
    traps = np.array([
        [[100, 10], [-0.3, 0.5]],
        [[1000, 1], [-1, 0.001]],
        [[1, 0], [-1, 0.01]],
        [[1, 0.03], [-1, 0.03]],
    ])  # fmt: skip
    traps = traps.astype(np.float32).astype(np.float64)
    padded = np.concatenate([traps, np.ones((4, 1, 2)) * [[0, 0.7]]], axis=1)
    for stack in (traps, padded):
        weights, residual, converged = solve(solver, stack)
        assert converged.all()
        assert residual.max() <= 1e-5
        for J, w in zip(stack, weights, strict=True):
            # Weights in float32 cannot cancel terms that are longer than v any better.
            cancelled = w @ np.linalg.norm(J, axis=1) / np.linalg.norm(w @ J)
            assert worst_cosine(J, w) >= -1e-5 - np.finfo(np.float32).eps * cancelled


def test_upgrad_of_two_rows_in_closed_form():
    J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
    lengths = np.linalg.norm(J, axis=1)
    s = -J[0] @ J[1] / lengths.prod()
    weights, _, _ = solve(rows_projected, [J])
    expected = (1 + s * lengths[::-1] / lengths) / 2
    np.testing.assert_allclose(weights[0], expected, rtol=1e-6)


def test_dual_proj_of_the_upgrad_paper():
    """[[2, 0], [-2a, 2a]]: the mean is projected onto the first row's plane for a > 1."""
    weights, _, _ = solve(sum_projected, [[[2, 0], [-4, 4]]])
    np.testing.assert_allclose(weights[0] @ [[2, 0], [-4, 4]], [0, 2], atol=1e-6)


def test_weights_are_at_least_the_preference():
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((16, 4, 7))
    for solver in (rows_projected, sum_projected):
        assert solve(solver, stack)[0].min() >= 0.25 * (1 - 1e-6)


def test_no_longer_than_the_mean():
    """A projection onto a cone never lengthens: ‖v‖ <= ‖g₀‖."""
    stack = np.random.default_rng(1).standard_normal((16, 4, 3))
    weights = solve(sum_projected, stack)[0]
    v = np.linalg.norm(np.einsum("nmd,nm->nd", stack, weights), axis=1)
    assert (v <= np.linalg.norm(stack.mean(axis=1), axis=1) * (1 + 1e-5) + 1e-6).all()


def test_a_conflict_is_not_certified():
    rows = Rows.of(gram_of_rows(jnp.array([[1.0, 0, 0], [-1, 1, 0], [0, 0, 1]])), jnp.ones(3, bool))
    assert float(conflict(rows, jnp.array([1.0, 0, 0]))) == pytest.approx(1 / np.sqrt(2), rel=1e-5)


@pytest.mark.conformance
@pytest.mark.parametrize("solver", [rows_projected, sum_projected])
@pytest.mark.parametrize(("m", "d"), [(2, 4), (3, 3), (64, 100)])
def test_thousands_of_random_gramians(solver, m, d):
    rng = np.random.default_rng(m)
    stack = rng.standard_normal((2000 if m < 20 else 8, m, d))
    stack = (stack * np.exp(rng.standard_normal((len(stack), m, 1)))).astype(np.float32)
    stack = stack.astype(np.float64)
    weights, _, converged = solve(solver, stack)
    assert converged.all()
    terms = np.einsum("nm,nm->n", weights, np.linalg.norm(stack, axis=2))
    length = np.linalg.norm(np.einsum("nmd,nm->nd", stack, weights), axis=1)
    clear = length > 0.1 * terms
    assert min(map(worst_cosine, stack[clear], weights[clear])) >= -1e-5


@pytest.mark.parametrize(("m", "d"), [(5, 3), (12, 4)])
def test_hulls_around_zero_leave_no_runaway(m, d):
    """More rows than dimensions: a projection is never longer than the mean, nor far from it."""
    stack = np.random.default_rng(0).standard_normal((400, m, d)).astype(np.float32)
    weights, _, converged = solve(sum_projected, stack)
    for J, w in zip(stack.astype(np.float64), weights, strict=True):
        mean = J.mean(axis=0)
        added, _ = nnls(J.T, -mean)
        assert np.linalg.norm(w @ J - mean - added @ J) < 1e-2
    assert converged.mean() >= 0.98
    assert weights.max() < 1e4
