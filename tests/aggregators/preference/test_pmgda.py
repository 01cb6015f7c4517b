import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import preference_oracles as oracles

pytestmark = pytest.mark.usefixtures("unoptimised")

J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
RAY = np.array([0.7, 0.3])


def state_of(J, losses, **options):
    J = jnp.asarray(J)
    tx = moo.pmgda(len(J), **options)
    return tx.update(moo.stacked_jacobian(J, jnp.asarray(losses)), tx.init(J[0]))[1]


@pytest.mark.parametrize(
    ("sigma", "worked"), [(0.1, [0.444909, 0.4094]), (0.95, [0.00497, 0.822934])]
)
def test_worked_numbers(sigma, worked):
    state = state_of(J, LOSSES, preference=RAY, sigma=sigma)
    np.testing.assert_allclose(state.weights, oracles.pmgda(J, LOSSES, RAY, sigma), atol=1e-5)
    np.testing.assert_allclose(state.weights, worked, atol=1e-5)
    assert bool(state.converged)


def test_random_rows_against_highs():
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((60, 4, 6)).astype(np.float32)
    losses = np.exp(rng.standard_normal((60, 4))).astype(np.float32)
    tx = moo.pmgda(4)

    def solve(J, losses):
        return tx.update(moo.stacked_jacobian(J, losses), tx.init(J[0]))[1]

    state = jax.jit(jax.vmap(solve))(stack, losses)
    for J, ell, w, sure in zip(
        stack.astype(float), losses.astype(float), np.asarray(state.weights),
        np.asarray(state.converged), strict=True,
    ):  # fmt: skip
        expected = oracles.pmgda(J, ell, np.ones(4))
        assert sure
        assert (J @ (w @ J)).min() == pytest.approx((J @ (expected @ J)).min(), abs=1e-4)


def test_the_return_is_as_fast_as_asked():
    _, pull = oracles.from_ray(LOSSES, RAY)
    steepest = pull @ J
    v = np.asarray(state_of(J, LOSSES, preference=RAY).weights) @ J
    assert steepest @ v >= 0.95 * np.linalg.norm(steepest) * (1 - 1e-5)


@pytest.mark.parametrize("losses", [RAY, RAY + np.array([0.003, 0.001])])
def test_on_the_ray_it_is_mgda(losses):
    expected = [0.520782, 0.479218]
    np.testing.assert_allclose(state_of(J, losses, preference=RAY).weights, expected, atol=1e-5)


def test_opposite_rows_return_along_the_ray():
    rows = np.array([J[0], -2 * J[0]])
    v = np.asarray(state_of(rows, LOSSES, preference=RAY).weights) @ rows
    _, pull = oracles.from_ray(LOSSES, RAY)
    assert v @ (pull @ rows) > 0


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="sigma must lie in"):
        moo.pmgda(2, sigma=1.5)
    with pytest.raises(ValueError, match="h_eps must be finite"):
        moo.pmgda(2, h_eps=-1.0)
    tx = moo.pmgda(2)
    with pytest.raises(ValueError, match="losses are missing: pmgda"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))
