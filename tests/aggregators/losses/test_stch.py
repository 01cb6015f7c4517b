import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


def value(losses, mu, preference, ideal):
    return mu * np.log(np.exp(preference * (losses - ideal) / mu).sum())


def test_worked_example():
    (v,), (state,) = take(moo.stch(2, mu=0.1), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, [0.003346, 0.496654], atol=1e-6)
    np.testing.assert_allclose(v, [0.003346, 0.496654] @ ROWS, atol=1e-6)


@pytest.mark.parametrize("form", ["weighted", "modified"])
def test_weights_are_the_gradient_of_the_smooth_maximum(form):
    losses, preference, ideal, mu, h = np.array([0.3, 1.2, 0.7]), np.array([0.2, 0.5, 0.3]), 0.1, \
        0.4, 1e-6  # fmt: skip
    factors = preference if form == "weighted" else 1 / preference
    slopes = [value(losses + h * e, mu, factors, ideal) - value(losses - h * e, mu, factors, ideal)
              for e in np.eye(3)]  # fmt: skip
    method = moo.stch(3, mu=mu, preference=preference, ideal=ideal, form=form)
    np.testing.assert_allclose(weights_at(method, losses), np.divide(slopes, 2 * h), rtol=2e-5)


def test_between_the_worst_loss_and_the_mean():
    np.testing.assert_allclose(weights_at(moo.stch(2, mu=1e-30), LOSSES), [0, 0.5])
    np.testing.assert_allclose(weights_at(moo.stch(2, mu=1e6), LOSSES), 0.25, rtol=1e-5)


def test_losses_at_the_ends_of_the_floats():
    np.testing.assert_allclose(weights_at(moo.stch(2, mu=1e-20), [1e-30, 1e30]), [0, 0.5])
