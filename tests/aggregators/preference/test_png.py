import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import preference_oracles as oracles

pytestmark = pytest.mark.usefixtures("unoptimised")

J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
RAY = np.array([0.7, 0.3])


def state_of(J, losses=None, **options):
    J = jnp.asarray(J)
    losses = None if losses is None else jnp.asarray(losses)
    tx = moo.png(len(J), **options)
    return tx.update(moo.stacked_jacobian(J, losses), tx.init(J[0]))[1]


def test_worked_numbers():
    """A criterion of its own: every loss falls at half of MGDA's rate."""
    rows = np.vstack([J, [0.3, -0.1, 0.2]])
    state = state_of(rows, criterion="last")
    v = np.asarray(state.weights, np.float64) @ rows
    np.testing.assert_allclose(state.weights, [0.221981, 0.434311, 1], atol=5e-6)
    np.testing.assert_allclose(v, [0.174532, 0.335276, 0.132441], atol=5e-6)
    np.testing.assert_allclose(J @ v, [0.175367, 0.175367], atol=5e-6)
    assert bool(state.converged)


def test_the_ray_is_half_a_squared_distance():
    distance, direction = oracles.from_ray(LOSSES, RAY)
    expected = oracles.png(J, distance * direction)
    np.testing.assert_allclose(state_of(J, LOSSES, preference=RAY).weights, expected, atol=1e-5)
    given = state_of(J, LOSSES, criterion=lambda losses: jnp.sum(losses**2) / 2)
    np.testing.assert_allclose(given.weights, oracles.png(J, LOSSES), atol=1e-5)


def test_random_rows_in_three_objectives():
    rng = np.random.default_rng(0)
    for _ in range(6):
        rows, losses = rng.standard_normal((3, 5)), np.exp(rng.standard_normal(3))
        distance, direction = oracles.from_ray(losses, np.ones(3))
        expected = oracles.png(rows, distance * direction)
        np.testing.assert_allclose(state_of(rows, losses).weights, expected, atol=1e-4)


def test_near_the_pareto_set_the_criterion_alone_counts():
    rows = np.array([J[0], -2 * J[0], [0.1, 0.2, 0.3]])
    np.testing.assert_array_equal(state_of(rows, criterion="last").weights, [0, 0, 1])


def test_one_objective():
    """v = q + max(0, (phi - g'q) / |g|²) g with phi = |g|²/2."""
    rows = np.array([[2.0, 0], [-1, 1]])
    np.testing.assert_allclose(state_of(rows, criterion="last").weights, [1, 1], atol=1e-6)


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="criterion must be 'ray', 'last' or a function"):
        moo.png(2, criterion="first")
    with pytest.raises(TypeError, match="criterion must be"):
        moo.png(2, criterion=3)
    with pytest.raises(ValueError, match="losses are missing: png"):
        state_of(J)


def test_double_hyper_parameters_on_single_rows(x64):
    tx = moo.png(2, criterion="last", alpha=np.float64(0.5), threshold=np.float64(0.01))
    rows = jnp.asarray(J, jnp.float32)
    assert tx.update(moo.stacked_jacobian(rows), tx.init(rows[0]))[0].dtype == jnp.float32
