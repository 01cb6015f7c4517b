import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, weights_at


def test_worked_example():
    """2 (0 + 0.1) and 2 (1 + 0.1)."""
    np.testing.assert_allclose(weights_at(moo.asf(2), LOSSES), [0.2, 2.2], rtol=1e-6)


def test_smooth_maximum():
    """Shares are softmax((2, 4) / μ), at μ = 1 here."""
    share = 1 / (1 + np.exp(2))
    expected = 2 * (np.array([share, 1 - share]) + 0.1)
    np.testing.assert_allclose(weights_at(moo.asf(2, mu=1.0), LOSSES), expected, rtol=1e-6)


def test_reference_may_be_out_of_reach_or_surpassed():
    method = moo.asf(2, preference=(0.5, 0.25), reference=(3.0, 2.5), rho=0.0)
    np.testing.assert_allclose(weights_at(method, LOSSES), [0, 4])


def test_without_the_sum_it_is_the_modified_form_of_tch():
    preference = (0.2, 0.5, 0.3)
    for losses in ([1.0, 2.0, 3.0], [4.0, 2.0, 1.0]):
        ours = weights_at(moo.asf(3, preference=preference, rho=0.0), losses)
        theirs = weights_at(moo.tch(3, preference=preference, form="modified"), losses)
        np.testing.assert_array_equal(ours, theirs)


def test_a_preference_of_zero_divides_nothing():
    with pytest.raises(ValueError, match="preference must be above 0"):
        moo.asf(2, preference=(0.0, 1.0))
