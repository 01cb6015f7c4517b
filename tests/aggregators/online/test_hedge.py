import jax
import jax.numpy as jnp
import numpy as np

import moo
from tests.aggregators.losses.steps import ROWS, take

ROUNDS = np.array([[1, 2], [0.9, 1.5], [0.3, 0.1], [0.2, 0.8]])


def weights_over(method, active=None):
    _, states = take(method, *((ROWS, losses) for losses in ROUNDS), active=active)
    return np.array([state.weights for state in states])


def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum()


def test_worked_example():
    """Totals are (0, 0), then (1, 2), then (1.9, 3.5), times a half."""
    weights = weights_over(moo.hedge(2, learning_rate=0.5))
    np.testing.assert_allclose(weights[0], 0.5)
    np.testing.assert_allclose(weights[1], [0.377541, 0.622459], atol=1e-6)
    np.testing.assert_allclose(weights[2], [0.310026, 0.689974], atol=1e-6)


def test_step_size_of_the_rounds_so_far_and_of_a_horizon():
    totals = np.cumsum(ROUNDS, axis=0)
    for horizon in (None, 50):
        weights = weights_over(moo.hedge(2, horizon=horizon, loss_range=4.0))
        for t in (2, 3, 4):
            eta = np.sqrt(8 * np.log(2) / (horizon or t)) / 4
            np.testing.assert_allclose(weights[t - 1], softmax(eta * totals[t - 2]), rtol=1e-5)


def test_a_rate_of_zero_and_a_lone_objective():
    np.testing.assert_allclose(weights_over(moo.hedge(2, learning_rate=0.0)), 0.5)
    np.testing.assert_array_equal(weights_over(moo.hedge(2), active=[True, False])[:, 0], 1)


def test_the_worst_total_loss_stays_near_the_best_possible_one():
    """f = (x, 1 - x) + noise on [0, 1]: the best fixed x is ½, and regret grows like √T."""
    rounds, method = 3000, moo.hedge(2)
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, (rounds, 2)).astype(np.float32)
    rate = np.float32(1 / np.sqrt(rounds))

    def play(carry, shift):
        x, state = carry
        losses = jnp.stack([x, 1 - x]) + shift
        jac = moo.stacked_jacobian(jnp.array([[1.0], [-1.0]]), losses)
        v, state = method.update(jac, state)
        return (jnp.clip(x - rate * v[0], 0, 1), state), losses

    start = (jnp.float32(0.9), method.init(jnp.zeros(1)))
    _, losses = jax.jit(lambda s: jax.lax.scan(play, s, jnp.asarray(noise)))(start)
    best = (0.5 + noise).sum(axis=0).max()
    assert np.asarray(losses, np.float64).sum(axis=0).max() - best < 3 * np.sqrt(rounds)
