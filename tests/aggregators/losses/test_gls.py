import numpy as np

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


def test_worked_example():
    (v,), (state,) = take(moo.gls(2), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, np.sqrt([0.5, 0.125]), rtol=1e-6)
    np.testing.assert_allclose(v, [0.424264, 0.459619, -0.318198], rtol=2e-6)


def test_weights_are_the_gradient_of_the_geometric_mean():
    losses, h = np.array([0.3, 2.0, 7.0]), 1e-6
    slopes = [np.prod(losses + h * e) ** (1 / 3) - np.prod(losses - h * e) ** (1 / 3)
              for e in np.eye(3)]  # fmt: skip
    np.testing.assert_allclose(weights_at(moo.gls(3), losses), np.divide(slopes, 2 * h), rtol=1e-5)


def test_products_beyond_the_largest_float():
    weights = weights_at(moo.gls(4), [1e30, 1e30, 1e30, 1e-6])
    np.testing.assert_allclose(weights, 1e21 / 4 / np.array([1e30, 1e30, 1e30, 1e-6]), rtol=1e-4)
