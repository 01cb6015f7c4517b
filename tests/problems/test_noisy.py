"""The noisy instance: its noise by enumeration, its limit by arithmetic."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.problems import noisy_instance

XI_1 = {3.0: 1 / 4, -1.0: 3 / 4}
XI_2 = {-3.0: 2 / 3, 6.0: 1 / 3}


@pytest.fixture(scope="module")
def gradients():
    """(100000, 2) sampled gradients at x = 2."""
    problem = noisy_instance()
    rows = jax.jacrev(problem.objectives)
    keys = jax.random.split(jax.random.key(0), 100_000)
    return np.asarray(jax.jit(jax.vmap(rows, (None, 0)))(jnp.array([2.0]), keys))[..., 0]


def test_noise_takes_its_values_at_its_rates_and_independently(gradients):
    noise = gradients - [1.0, 3.0]
    for (xi_1, p), (xi_2, q) in itertools.product(XI_1.items(), XI_2.items()):
        share = np.mean((noise == [xi_1, xi_2]).all(axis=1))
        assert share == pytest.approx(p * q, abs=4 * np.sqrt(p * q / 100_000))


def test_noise_has_mean_zero():
    for law in (XI_1, XI_2):
        assert sum(value * p for value, p in law.items()) == pytest.approx(0.0, abs=1e-15)


def test_losses_without_a_key_are_the_expected_ones():
    problem = noisy_instance()
    np.testing.assert_array_equal(problem.objectives(jnp.array([3.0])), [2.0, 8.0])
    assert problem.stochastic


def test_the_mean_min_norm_direction_vanishes_at_the_stated_limit():
    """In one dimension the min-norm point is 0 between opposite signs, else the smaller one."""

    def mean_direction(x):
        total = 0.0
        for (xi_1, p), (xi_2, q) in itertools.product(XI_1.items(), XI_2.items()):
            g = np.array([x - 1 + xi_1, x + 1 + xi_2])
            total += p * q * (0.0 if g[0] * g[1] <= 0 else g[np.argmin(np.abs(g))])
        return total

    for delta in (0.1, 0.5, 0.9):
        assert mean_direction(1 + delta) == pytest.approx((7 * delta - 3) / 12)
    limit = noisy_instance().facts["stochastic_mgda_limit"]
    assert mean_direction(limit) == pytest.approx(0.0, abs=1e-14)
    assert noisy_instance().distance_to_set([limit]) == pytest.approx(3 / 7)
