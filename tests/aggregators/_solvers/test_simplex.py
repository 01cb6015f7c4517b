import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._solvers._simplex import project_simplex

project = jax.jit(jax.vmap(project_simplex))


def test_nearest_point_of_the_simplex():
    """Inactive entries stay 0 however large, points of the simplex stay, distances vanish."""
    points = jnp.array([[0.3, 0.2, 5], [0.2, 0.5, 0.3], [2, 0, 0], [1e30, 0, -1e30], [0, 0, 7]])
    active = jnp.array([[True, True, False], *[[True] * 3] * 3, [False, False, True]])
    expected = [[0.55, 0.45, 0], [0.2, 0.5, 0.3], [1, 0, 0], [1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(project(points, active), expected, rtol=1e-6)


def test_projection_conditions():
    """x - w is the same on the support and no larger off it."""
    points = jax.random.normal(jax.random.key(0), (50, 6))
    weights = np.asarray(project(points, jnp.ones((50, 6), bool)), np.float64)
    away = np.asarray(points) - weights
    theta = away.max(axis=1)
    assert weights.sum(axis=1) == pytest.approx(1)
    np.testing.assert_allclose(np.where(weights > 0, away - theta[:, None], 0), 0, atol=1e-6)


def test_nan_is_kept():
    assert jnp.isnan(project_simplex(jnp.array([jnp.nan, 1.0]), jnp.ones(2, bool))).any()
