import numpy as np
import pytest

import moo
from tests.aggregators.sets import worked

LOSSES = np.array([[1, 2], [1.5, 0.5]])


def weights(losses=LOSSES, **options):
    return worked.weights_of(worked.on_population(moo.tch_set(2, **options)), losses, worked.J[:2])


def test_only_the_attained_loss_has_a_weight():
    np.testing.assert_array_equal(weights(), [[1, 0], [0, 0]])
    np.testing.assert_array_equal(weights(preference=[1.0, 4.0]), [[0, 0], [0, 4]])
    np.testing.assert_array_equal(weights(ideal=[0.9, 0.0]), [[0, 0], [0, 1]])


def test_the_mean_is_the_sum_of_minima():
    np.testing.assert_array_equal(weights(reduction="mean"), [[0.5, 0], [0, 0.5]])


def test_ties_share_equally():
    np.testing.assert_array_equal(weights(np.ones((2, 2))), np.full((2, 2), 0.25))


def test_wrong_options():
    with pytest.raises(ValueError, match="reduction must be one of max, mean"):
        moo.tch_set(2, reduction="min")
    with pytest.raises(TypeError, match="ideal must consist of real numbers, got 'x'"):
        moo.tch_set(2, ideal="x")
