import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.bilevel.levels import linear, one_step
from tests.aggregators.follow import LATER, LOSSES, ROWS

pytestmark = pytest.mark.usefixtures("unoptimised")

PHI, RATE, T = 0.1, 0.1, 5
METHOD = moo.forum(2, learning_rate=0.5)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def gap():
    """q = (q_a, q_theta) on linear losses, whose gradients do not change along the inner path."""
    v = ROWS.mean(axis=0)
    fall = ROWS @ (RATE * T * v)
    return 0.5 * (fall - fall.mean()), v


def test_worked_numbers():
    q_a, q = gap()
    np.testing.assert_allclose([*q_a, *q], [-0.010625, 0.010625, 0.1, 0.55, -0.2], atol=1e-9)
    needs = PHI - unit(LATER) @ q / (q_a @ q_a + q @ q)
    np.testing.assert_allclose(needs, [-0.650534, -0.722709], atol=1e-6)
    v, state = one_step(METHOD, (ROWS, LOSSES), (LATER,))
    np.testing.assert_allclose(v, unit(LATER).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(v, [0.129971, 0.454025, -0.073753], atol=1e-5)
    np.testing.assert_allclose(state.multipliers, 0.5, atol=1e-5)
    np.testing.assert_array_equal(state.logits, 0)


def test_the_gap_is_lowered_where_the_validation_losses_do_not_do_it():
    """With validation against training, nu > 0: v meets the asked decrease of the gap exactly."""
    v, state = one_step(METHOD, (ROWS, LOSSES), (-LATER,))
    q_a, q = gap()
    size = q_a @ q_a + q @ q
    rows = unit(-LATER)
    shares = np.asarray(state.multipliers, np.float64)
    nu = shares @ (PHI - rows @ q / size)
    assert nu > 0.5
    np.testing.assert_allclose(v, shares @ rows + nu * q, atol=1e-5)
    np.testing.assert_allclose(state.logits, -0.5 * nu * q_a, rtol=1e-3)
    assert v @ q + nu * q_a @ q_a == pytest.approx(PHI * size, rel=1e-3)


def test_shares_are_averaged_at_a_falling_rate():
    shares = np.array([0.9, 0.1])
    start = METHOD.init(jnp.zeros(3))
    before = start._replace(steps=jnp.int32(15), multipliers=jnp.asarray(shares, jnp.float32))
    _, state = one_step(METHOD, (ROWS, LOSSES), (LATER,), before)
    expected = shares + 16**-0.75 * (0.5 - shares)
    np.testing.assert_allclose(state.multipliers, expected, atol=1e-5)


def test_the_active_share_1_whatever_the_others_keep():
    start = METHOD.init(jnp.zeros(3))
    before = start._replace(steps=jnp.int32(1), multipliers=jnp.array([0.25, 0.75]))
    first = jnp.array([True, False])
    held_out = linear(LATER, active=first)
    x = jnp.zeros(3)
    v, state = METHOD.update(linear(ROWS, active=first), before, x, validation=held_out)
    np.testing.assert_allclose(v, unit(LATER)[0], rtol=1e-5)
    np.testing.assert_allclose(state.multipliers, [0.25, 0.75], rtol=1e-6)


def test_the_scale_of_a_validation_loss_does_not_matter():
    v, _ = one_step(METHOD, (ROWS, LOSSES), (LATER,))
    u, _ = one_step(METHOD, (ROWS, LOSSES), (LATER * [[1e-3], [1e3]],))
    np.testing.assert_allclose(v, u, atol=1e-5)


def test_out_of_range():
    with pytest.raises(ValueError, match="inner_steps must be at least 1"):
        moo.forum(2, inner_steps=0)
    with pytest.raises(ValueError, match="phi must be finite and above 0"):
        moo.forum(2, phi=0.0)


@pytest.mark.parametrize("length", [1e-12, 1.0, 3e7, 1e15])
def test_every_length_of_the_training_gradients(length):
    """By symmetry both shares are 1/2; q = length (1, 1) / 2 asks for nu = phi - 1 / length."""
    v, state = one_step(METHOD, (length * np.eye(2), 1.0), (np.eye(2),))
    np.testing.assert_allclose(state.multipliers, 0.5, atol=1e-3)
    expected = (1 + length * max(PHI - 1 / length, 0)) / 2
    np.testing.assert_allclose(v, expected, rtol=1e-3)
