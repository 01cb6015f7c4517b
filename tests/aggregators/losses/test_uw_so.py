import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


@pytest.mark.parametrize("temperature", [0.5, 1.0, 5.0])
def test_worked_weights(temperature):
    powers = np.exp(1 / LOSSES / temperature)
    method = moo.uw_so(2, temperature=temperature)
    np.testing.assert_allclose(weights_at(method, LOSSES), powers / powers.sum(), rtol=1e-6)


def test_worked_direction():
    (v,), _ = take(moo.uw_so(2), (ROWS, LOSSES))
    np.testing.assert_allclose(v, [0.320427, 0.464278, -0.273476], rtol=1e-5)


def test_without_softmax_it_is_the_gradient_of_the_log_losses():
    (v,), _ = take(moo.uw_so(2, normalize=False), (ROWS, LOSSES))
    np.testing.assert_allclose(v, [0.6, 0.65, -0.45], rtol=1e-6)


def test_tiny_losses_leave_all_weight_with_the_smallest():
    method = moo.uw_so(3, temperature=1e-10)
    np.testing.assert_array_equal(weights_at(method, [1e-30, 1e-29, 1e30]), [1, 0, 0])
