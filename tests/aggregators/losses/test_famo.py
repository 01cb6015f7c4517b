import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo

JACOBIAN = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])


def linear(losses):
    """Return objectives with the worked example's gradients, and these losses at 0."""
    return lambda x: jnp.asarray(losses, x.dtype) + jnp.asarray(JACOBIAN, x.dtype) @ x


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum()


def one_step(losses, **options):
    tx = moo.famo(2, optax.sgd(0.1), **options)
    x = jnp.zeros(3)
    updates, state = tx.update(moo.jacobian(linear(losses), x), tx.init(x), x)
    return np.asarray(updates), state


def test_worked_weights_and_step():
    """Losses (1, 2), z = (½, ½): w = (2/3, 1/3), and the step is -0.1 J'w."""
    updates, state = one_step([1.0, 2.0], decay=0.0)
    np.testing.assert_allclose(state.weights, [2 / 3, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(updates, -0.1 * np.array([2, 1]) / 3 @ JACOBIAN, rtol=1e-5)


def test_adam_moves_the_logits_against_the_faster_loss():
    """Adam's first move is its learning rate, with the sign of (diag z - zz')(log D - log D')."""
    updates, state = one_step([1.0, 2.0], decay=0.0)
    before = np.array([1.0, 2.0])
    fall = np.log(before) - np.log(before + JACOBIAN @ updates)
    delta = 0.5 * (fall - fall.mean())
    np.testing.assert_allclose(state.logits, -0.025 * np.sign(delta), rtol=1e-3)


def test_weights_do_not_depend_on_a_common_factor_of_the_losses():
    weights = [one_step(s * np.array([1.0, 3.0]))[1].weights for s in (1.0, 64.0)]
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-6)


def test_gradient_is_clipped():
    updates, _ = one_step([1.0, 2.0], max_norm=0.01)
    assert np.linalg.norm(updates) == pytest.approx(0.1 * 0.01, rel=1e-5)


def test_inactive_logits_and_moments_are_frozen():
    tx, x = moo.famo(3, optax.sgd(0.1)), jnp.zeros(2)
    active = jnp.array([True, False, True])

    def objectives(x):
        return jnp.stack([1 + x[0], jnp.sum(x) + 7, 2 + x[1]])

    state = tx.init(x)._replace(logits=jnp.array([0.0, 0.3, 0.0]))
    _, after = tx.update(moo.jacobian(objectives, x, active=lambda *_: active), state, x)
    assert float(after.logits[1]) == pytest.approx(0.3)
    assert float(after.weights[1]) == 0
    np.testing.assert_allclose(after.weights, [2 / 3, 0, 1 / 3], rtol=1e-5)
    assert float(after.logits[0]) != 0


def test_params_are_needed():
    tx, x = moo.famo(2, optax.sgd(0.1)), jnp.zeros(3)
    with pytest.raises(ValueError, match="params is missing"):
        tx.update(moo.jacobian(linear([1.0, 2.0]), x), tx.init(x))


def test_a_loss_below_its_bound_is_announced():
    updates, state = one_step([1.0, 2.0], lower_bounds=(1.2, 0.0))
    assert np.isnan(updates).all()
    assert np.isnan(state.weights).any()


@pytest.mark.parametrize("unbounded", [None, np.inf, jnp.asarray(jnp.inf)])
def test_an_infinite_norm_does_not_clip(unbounded):
    losses = [1e-6, 2e-6]
    updates, _ = one_step(losses, max_norm=unbounded)
    np.testing.assert_allclose(updates, -0.1 * np.array([2, 1]) / 3 @ JACOBIAN, rtol=1e-2)


@pytest.mark.parametrize("bounds", [np.nan, (0.0, np.inf), (0.0, 0.0, 0.0)])
def test_wrong_bounds(bounds):
    with pytest.raises(ValueError, match="lower_bounds must be"):
        moo.famo(2, optax.sgd(0.1), lower_bounds=bounds)


@pytest.mark.parametrize("scale", [1e-30, 1e20, 1e30])
def test_clipping_is_safe_at_every_scale(scale):
    x, tx = jnp.zeros(2), moo.famo(2, optax.sgd(1.0), decay=0.0)
    rows = scale * jnp.array([[3.0, 0.0], [0.0, 8.0]])
    jac = moo.jacobian(lambda x: 1 + rows @ x, x)
    updates, _ = tx.update(jac, tx.init(x), x)
    expected = -np.array([1.5, 4.0]) * min(scale, 1 / np.hypot(1.5, 4))
    np.testing.assert_allclose(updates, expected, rtol=1e-5)


def test_heads_are_not_clipped():
    """Only the shared leaf is brought to norm 1."""
    params = {"body": jnp.zeros(2), "head": jnp.zeros(1)}
    jac = moo.jacobian(
        lambda p: 1 + jnp.stack([6 * p["body"][0], 8 * p["body"][1] + 30 * p["head"][0]]),
        params,
        shared={"body": True, "head": False},
    )
    tx = moo.famo(2, optax.sgd(1.0))
    updates, _ = tx.update(jac, tx.init(params), params)
    np.testing.assert_allclose(updates["body"], [-0.6, -0.8], rtol=1e-5)
    np.testing.assert_allclose(updates["head"], [-15], rtol=1e-5)
