import jax.numpy as jnp
import numpy as np
import optax
import pytest

from moo.aggregators import exponentiated, project_ball


def after(tx, direction, params):
    updates, _ = tx.update(direction, tx.init(params), params)
    return optax.apply_updates(params, updates)


def test_ball_over_all_leaves():
    params = {"a": jnp.array([3.0]), "b": jnp.array([0.0])}
    moved = after(project_ball(5.0), {"a": jnp.array([3.0]), "b": jnp.array([8.0])}, params)
    np.testing.assert_allclose([moved["a"][0], moved["b"][0]], [3, 4], rtol=1e-6)
    inside = after(project_ball(5.0), {"a": jnp.array([-1.0]), "b": jnp.array([2.0])}, params)
    np.testing.assert_allclose([inside["a"][0], inside["b"][0]], [2, 2], rtol=1e-6)


@pytest.mark.parametrize("size", [1e25, 1e-25])
def test_ball_at_scales_whose_squares_are_no_numbers(size):
    tx = project_ball(5 * size)
    np.testing.assert_allclose(
        after(tx, jnp.array([6.0, 8.0]) * size, jnp.zeros(2)), [3 * size, 4 * size], rtol=1e-6
    )


def test_ball_around_nothing():
    np.testing.assert_array_equal(after(project_ball(1.0), jnp.zeros(2), jnp.zeros(2)), 0)


def test_exponentiated_gradient():
    """x ∘ exp(-η v), normalised along the last axis."""
    x, v = np.array([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5]]), np.array([[1, -1, 0.5], [2, 0.1, 0.3]])
    expected = x * np.exp(-0.4 * v)
    expected = expected / expected.sum(axis=1, keepdims=True)
    moved = after(exponentiated(0.4), jnp.asarray(v, jnp.float32), jnp.asarray(x, jnp.float32))
    np.testing.assert_allclose(moved, expected, atol=1e-6)


def test_exponents_that_overflow():
    moved = after(exponentiated(1.0), jnp.array([1e30, -1e30]), jnp.array([0.5, 0.5]))
    np.testing.assert_array_equal(moved, [0, 1])


@pytest.mark.parametrize("tx", [project_ball(1.0), exponentiated(1.0)])
def test_params_are_needed(tx):
    with pytest.raises(ValueError, match="params is missing"):
        tx.update(jnp.zeros(2), tx.init(jnp.zeros(2)))
