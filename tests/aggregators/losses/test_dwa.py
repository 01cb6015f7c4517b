import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import ROWS, take, weights_at

HISTORY = np.array([[4, 1], [2, 1], [1, 1], [1, 3], [5, 5], [7, 7]], float)


def weights_over(method, history, active=None):
    _, states = take(method, *((np.ones((len(row), 3)), row) for row in history), active=active)
    return np.array([state.weights for state in states])


def expected(ratios, temperature=2.0):
    powers = np.exp(np.asarray(ratios) / temperature)
    return len(ratios) * powers / powers.sum()


def test_ratio_of_the_means_of_the_last_two_windows():
    """Windows of two steps have means (3, 1), (1, 2): the fifth step has r = (1/3, 2)."""
    weights = weights_over(moo.dwa(2, window=2), HISTORY)
    np.testing.assert_allclose(weights[:4], 1, rtol=1e-6)
    np.testing.assert_allclose(weights[4], expected([1 / 3, 2]), rtol=1e-6)
    np.testing.assert_array_equal(weights[5], weights[4])


def test_temperature():
    weights = weights_over(moo.dwa(2, window=1, temperature=0.5), HISTORY)
    np.testing.assert_allclose(weights[2], expected([0.5, 1], 0.5), rtol=1e-6)


def test_windows_count_active_steps():
    """The second objective misses a step, and its windows wait for it."""
    method = moo.dwa(2, window=1)
    _, states = take(method, (ROWS, [4, 8]))
    _, states = take(method, (ROWS, [2, 9]), state=states[-1], active=[True, False])
    _, states = take(method, (ROWS, [2, 2]), (ROWS, [1, 1]), state=states[-1])
    np.testing.assert_allclose(states[-2].weights, expected([0.5, 1]), rtol=1e-6)
    np.testing.assert_allclose(states[-1].weights, expected([1, 0.25]), rtol=1e-6)


def test_ratios_beyond_the_largest_float_give_finite_weights():
    weights = weights_over(moo.dwa(2, window=1), [[1e-30, 1], [1e30, 1], [1, 1]])
    np.testing.assert_array_equal(weights[-1], [2, 0])


def test_window_must_be_a_count():
    with pytest.raises(ValueError, match="window must be at least 1, got 0"):
        moo.dwa(2, window=0)
    with pytest.raises(TypeError, match="window must be an int, got float"):
        moo.dwa(2, window=2.0)


def test_first_weights_are_equal():
    np.testing.assert_array_equal(weights_at(moo.dwa(3), [1.0, 5.0, 9.0]), 1)
