import numpy as np
import pytest

import moo
from tests.aggregators.follow import follow
from tests.aggregators.parts import FIRST, SECOND, weights_of_pair

ONE, TWO = weights_of_pair(FIRST), weights_of_pair(SECOND)


def test_weights_are_kept_for_a_period():
    v, state = follow(moo.psmgd(2, period=2), FIRST, SECOND, SECOND, FIRST)
    expected = [2 * w @ J for w, J in ((ONE, FIRST), (ONE, SECOND), (TWO, SECOND), (TWO, FIRST))]
    np.testing.assert_allclose(v, expected, atol=2e-6)
    np.testing.assert_allclose(state.weights, 2 * TWO, atol=1e-6)
    np.testing.assert_allclose(ONE, [0.520782, 0.479218], atol=1e-6)


def test_smoothing_averages_at_refreshes_after_the_first():
    v, _ = follow(moo.psmgd(2, period=1, smoothing=0.5), FIRST, SECOND)
    np.testing.assert_allclose(v, [2 * ONE @ FIRST, (ONE + TWO) @ SECOND], atol=2e-6)


def test_a_zero_row_holds_the_weights_for_a_period():
    v, _ = follow(moo.psmgd(2, period=2), FIRST * [[1], [0]], FIRST, FIRST)
    np.testing.assert_allclose(v[0], 0)
    np.testing.assert_allclose(v[1], 2 * FIRST[1], rtol=1e-6)
    np.testing.assert_allclose(v[2], 2 * ONE @ FIRST, atol=2e-6)


def test_the_factor_counts_the_active_objectives():
    _, state = follow(moo.psmgd(3), np.eye(3), active=[True, True, False])
    np.testing.assert_allclose(state.weights, [1, 1, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"period": 0}, "period must be at least 1"),
        ({"smoothing": 1.0}, r"smoothing must lie"),
    ],
)
def test_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        moo.psmgd(2, **options)


def test_a_bool_is_no_period():
    with pytest.raises(TypeError, match="period must be an int"):
        moo.psmgd(2, period=True)
