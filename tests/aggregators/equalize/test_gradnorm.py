import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import LATER, LATER_LOSSES, LOSSES, ROWS, follow


def test_worked_numbers():
    """Two steps of plain SGD on the weights."""
    tx = moo.gradnorm(2, optimizer=optax.sgd(0.025))
    first, state = follow(tx, ROWS, losses=[LOSSES])
    np.testing.assert_allclose(first, [[0.2, 1.1, -0.4]], atol=1e-6)
    np.testing.assert_allclose(state.inner.multipliers, [1.029328, 0.970672], atol=2e-6)
    both, state = follow(tx, ROWS, LATER, losses=[LOSSES, LATER_LOSSES])
    np.testing.assert_allclose(both[1], [-0.358941, 1.073605, 0.085336], atol=2e-6)
    np.testing.assert_allclose(state.inner.multipliers, [1.053965, 0.946035], atol=2e-6)


def test_adam_moves_by_the_learning_rate_and_the_sum_stays():
    _, state = follow(moo.gradnorm(2, learning_rate=0.1), ROWS, losses=[LOSSES])
    np.testing.assert_allclose(state.inner.multipliers, np.array([1.1, 0.9]), atol=1e-5)


def test_the_floor_keeps_weights_positive():
    tx = moo.gradnorm(2, optimizer=optax.sgd(10.0), floor=0.5)
    _, state = follow(tx, ROWS, losses=[LOSSES])
    weights = np.asarray(state.inner.multipliers)
    assert weights.sum() == pytest.approx(2, abs=1e-6)
    assert (weights > 0).all()


def test_inactive_objectives_keep_their_place():
    tx = moo.gradnorm(3)
    J = np.vstack([ROWS, [9.0, 9.0, 9.0]])
    _, state = follow(tx, J, J, losses=[[*LOSSES, 7.0]] * 2, active=[True, True, False])
    _, alone = follow(moo.gradnorm(2), ROWS, ROWS, losses=[LOSSES] * 2)
    np.testing.assert_allclose(state.weights, [*alone.weights, 0], atol=1e-6)
    assert float(state.inner.multipliers[2]) == 1
    np.testing.assert_array_equal(state.inner.first_losses, [*LOSSES, 0])


def test_given_first_losses_and_negative_ones():
    tx = moo.gradnorm(2, first_losses=[2.0, 4.0])
    _, state = follow(tx, ROWS, losses=[LOSSES])
    np.testing.assert_array_equal(state.inner.first_losses, [2, 4])
    update, _ = follow(moo.gradnorm(2), ROWS, LATER, losses=[LOSSES, [1.0, -1.0]])
    assert np.isfinite(update[0]).all()
    assert np.isnan(update[1]).all()


def test_wrong_options():
    for wrong in ([1.0, 1.0, 1.0], 3.0):
        with pytest.raises(ValueError, match="first_losses must be 2 numbers, got"):
            moo.gradnorm(2, first_losses=wrong)
    with pytest.raises(ValueError, match="floor must be finite and above 0"):
        moo.gradnorm(2, floor=0.0)
    with pytest.raises(TypeError, match="optimizer must be an optax transformation"):
        moo.gradnorm(2, optimizer="sgd")
    tx = moo.gradnorm(2)
    with pytest.raises(ValueError, match="losses are missing"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))


def test_long_gradients_do_not_stop_the_weights():
    _, state = follow(moo.gradnorm(2, learning_rate=0.1), 1e30 * ROWS, losses=[LOSSES])
    np.testing.assert_allclose(state.inner.multipliers, [1.1, 0.9], atol=1e-5)


def test_an_optimizer_with_weight_decay():
    """AdamW sees the weights: 1 -+ 0.1, less 0.1 times 0.5, brought back to the sum 2."""
    tx = moo.gradnorm(2, optimizer=optax.adamw(0.1, weight_decay=0.5))
    _, state = follow(tx, ROWS, losses=[LOSSES])
    np.testing.assert_allclose(state.inner.multipliers, np.array([1.05, 0.85]) / 0.95, rtol=1e-4)
