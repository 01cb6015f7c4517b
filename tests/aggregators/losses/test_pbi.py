import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


def value(losses, preference, theta=5.0):
    ray = preference / np.linalg.norm(preference)
    along = losses @ ray
    return along + theta * np.linalg.norm(losses - along * ray)


@pytest.mark.parametrize(("preference", "worked"), [((0.5, 0.5), 5.656854), ((0.8, 0.2), 9.943961)])
def test_weights_are_the_gradient_of_the_worked_values(preference, worked):
    preference, h = np.array(preference), 1e-6
    assert value(LOSSES, preference) == pytest.approx(worked, abs=1e-6)
    slopes = [value(LOSSES + h * e, preference) - value(LOSSES - h * e, preference)
              for e in np.eye(2)]  # fmt: skip
    weights = weights_at(moo.pbi(2, preference=preference), LOSSES)
    np.testing.assert_allclose(weights, np.divide(slopes, 2 * h), rtol=2e-5)


def test_worked_direction():
    (v,), (state,) = take(moo.pbi(2), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, [-2.828427, 4.242641], rtol=1e-5)
    np.testing.assert_allclose(v, [-6.22254, 3.252691, 1.838478], rtol=1e-5)


@pytest.mark.parametrize("preference", [(1.0, 3.0), (0.123, 0.877)])
@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_on_the_ray_the_weights_are_the_ray(preference, size):
    ray = np.array(preference) / np.linalg.norm(preference)
    weights = weights_at(moo.pbi(2, preference=preference), size * np.array(preference))
    np.testing.assert_allclose(weights, ray, rtol=1e-6)


def test_at_the_ideal_point():
    weights = weights_at(moo.pbi(2, ideal=LOSSES), LOSSES)
    np.testing.assert_allclose(weights, np.sqrt(0.5), rtol=1e-6)


def test_a_loss_that_is_nan_is_announced():
    assert np.isnan(weights_at(moo.pbi(2), [np.nan, 1.0])).any()
