import math

import numpy as np
import pytest

import moo
from tests.aggregators.follow import ROWS, follow


@pytest.mark.parametrize(
    ("alpha", "weights"),
    [(1.0, [1.230716, 1.156848]), (2.0, [1.311367, 1.221515]), (5.0, [1.395878, 1.291359])],
)
def test_worked_numbers(alpha, weights):
    update, state = follow(moo.fairgrad(2, alpha=alpha), ROWS)
    np.testing.assert_allclose(state.weights, weights, atol=5e-6)
    np.testing.assert_allclose(ROWS @ update[0], np.array(weights) ** (-1 / alpha), atol=5e-6)


def test_the_code_clips_to_norm_one():
    update, _ = follow(moo.fairgrad(2, max_norm=1.0), ROWS)
    np.testing.assert_allclose(update[0], [0.222752, 0.907683, -0.355659], atol=5e-6)


def test_three_rows_at_two_scales():
    """v scales as s to the power (1 - alpha) / (1 + alpha)."""
    J = np.vstack([ROWS, [0.3, 0.4, 0.9]])
    update, state = follow(moo.fairgrad(3), J, 1e-6 * J)
    assert bool(state.converged)
    np.testing.assert_allclose(update[1], update[0] * 1e2, rtol=1e-4)


def test_stationary_points_stop():
    g = ROWS[0]
    update, state = follow(moo.fairgrad(2), np.stack([g, -2 * g]))
    np.testing.assert_allclose(update, 0, atol=1e-6)
    assert not bool(state.converged)


def test_wrong_options():
    for bad in (0.0, -1.0, math.inf):
        with pytest.raises(ValueError, match="alpha must be finite and above 0"):
            moo.fairgrad(2, alpha=bad)
    with pytest.raises(ValueError, match="max_norm must be above 0"):
        moo.fairgrad(2, max_norm=0.0)
