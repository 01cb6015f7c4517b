import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._procrustes import align


def solve(stack, preference=None, scale_mode="min"):
    stack = jnp.asarray(stack, jnp.float32)
    m = stack.shape[1]
    p = jnp.ones(m) if preference is None else jnp.asarray(preference, jnp.float32)
    solver = jax.jit(jax.vmap(lambda J, a: align(gram_of_rows(J), a, p, scale_mode).weights))
    return np.asarray(solver(stack, jnp.ones(stack.shape[:2], bool)), np.float64)


@pytest.mark.parametrize("m", [2, 3])
def test_aligned_rows_are_orthogonal_and_as_long_as_the_least_singular_value(m):
    """Condition number 1: BJJ'B' = σ²I, with B read off column by column."""
    J = np.random.default_rng(0).standard_normal((m, 7)) * 10.0 ** np.arange(m)[:, None]
    B = np.array([solve([J], np.eye(m)[i])[0] for i in range(m)])
    least = np.linalg.svd(J, compute_uv=False)[-1]
    np.testing.assert_allclose(B @ J @ J.T @ B.T / least**2, np.eye(m), atol=1e-3)


def test_upgrad_paper_examples():
    """diag(1, a) gives (min, min) of the lengths; a rank-1 matrix keeps one mode."""
    ones = np.array([[1.0, 1.0], [1.0, 1.0]])
    weights = solve([np.diag([1.0, 0.25]), ones])
    np.testing.assert_allclose(weights[0] @ np.diag([1.0, 0.25]), [0.25, 0.25], rtol=1e-6)
    # One mode of length 2 along (1, 1) / sqrt(2) on both sides: B projects onto it.
    np.testing.assert_allclose(weights[1] @ ones, [2, 2], rtol=1e-6)


def test_scale_modes():
    J = np.diag([1.0, 2.0, 5.0])
    lengths = {"min": 1, "median": 2, "rmse": np.sqrt(10)}
    for scale_mode, length in lengths.items():
        weights = solve([J], scale_mode=scale_mode)
        np.testing.assert_allclose(weights[0] @ J, [length] * 3, rtol=1e-5)


def test_rows_of_very_different_lengths_count():
    """A Gramian in float32 would call this rank 1: its singular values are 1 : 1e-5."""
    for m in (2, 3):
        J = np.diag(np.append(1.0, np.full(m - 1, 1e-5)))
        np.testing.assert_allclose(solve([J])[0] @ J, 1e-5, rtol=1e-3)


@pytest.mark.parametrize("short", [1e-6, 1e-8])
def test_two_rows_have_the_rank_that_they_have_among_three(short):
    """Below 2 eps of the longest, a mode does not count, whether or not a third row is there."""
    two = np.diag([1.0, short])
    padded = jnp.asarray(np.pad(two, ((0, 1), (0, 1))), jnp.float32)
    active = jnp.array([True, True, False])
    three = align(gram_of_rows(padded), active, active.astype(jnp.float32), "min").weights
    expected = [short, 1] if short > 2e-7 else [1, 0]
    np.testing.assert_allclose(solve([two])[0], expected, rtol=1e-3, atol=1e-12)
    np.testing.assert_allclose(three, [*expected, 0], rtol=1e-3, atol=1e-12)
