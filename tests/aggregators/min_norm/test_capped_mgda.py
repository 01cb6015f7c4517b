import numpy as np
import pytest

import moo
from tests.aggregators.follow import ROWS, follow

THREE = np.vstack([ROWS, [0.05, 0.02, 0.01]])


@pytest.mark.parametrize(
    ("cap", "weights", "v"),
    [
        (1.0, [0, 0.015947, 0.984053], [0.036445, 0.034033, 0.011435]),
        (0.5, [0.251834, 0.248166, 0.5], [0.078301, 0.283716, -0.0961]),
    ],
)
def test_worked_numbers(cap, weights, v):
    """The mean of the 1 / cap smallest projections is the squared length of v."""
    update, state = follow(moo.capped_mgda(3, cap=cap), THREE)
    np.testing.assert_allclose(state.weights, weights, atol=2e-6)
    np.testing.assert_allclose(update[0], v, atol=2e-6)
    smallest = np.sort(THREE @ update[0])[: round(1 / cap)]
    assert smallest.mean() == pytest.approx(update[0] @ update[0], rel=1e-4)


def test_the_longer_of_opposite_rows_wins_and_a_zero_row_stops_nothing():
    tx = moo.capped_mgda(2, cap=0.6)
    g = np.array([1.0, 0.0])
    update, _ = follow(tx, np.stack([g, -2 * g]), np.stack([g, 0 * g]))
    np.testing.assert_allclose(update, [0.6 * g - 0.8 * g, 0.4 * g], atol=1e-6)


def test_wrong_caps():
    with pytest.raises(ValueError, match="cap must be finite and above 0"):
        moo.capped_mgda(2, cap=0.0)
    with pytest.raises(ValueError, match=r"cap must lie in \[0, 1\], got 2"):
        moo.capped_mgda(2, cap=2.0)
