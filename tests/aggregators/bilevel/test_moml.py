import jax
import numpy as np
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.bilevel.levels import linear, one_step
from tests.aggregators.follow import LATER, LATER_LOSSES, ROWS

pytestmark = pytest.mark.usefixtures("unoptimised")

TRAIN = np.array([[1.0, 0.2, 0], [0, 1, 0.5], [0.3, 0, 1]])
HELD = np.array([[1.0, 0.1, 0], [0.8, 0.3, 0.1], [0.9, 0, 0.3]])
HELD_LOSSES = np.array([1.0, 4.0, 2.0])
METHODS = {mode: moo.moml(3, normalise=mode, learning_rate=0.5) for mode in ("l2", "loss", "none")}


def slope(normalise, weights):
    """The min-norm direction of the validation losses in the logits, in float64."""
    spread = np.diag(weights) - np.outer(weights, weights)
    rows = -0.1 * HELD @ TRAIN.T @ spread
    if normalise == "l2":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    if normalise == "loss":
        ahead = -0.1 * weights @ TRAIN
        rows = rows / (HELD_LOSSES + HELD @ ahead)[:, None]
    return oracles.min_norm(rows)


@pytest.mark.parametrize("normalise", METHODS)
def test_adam_follows_the_min_norm_direction(normalise):
    v, state = one_step(METHODS[normalise], (TRAIN,), (HELD, HELD_LOSSES))
    expected = slope(normalise, np.full(3, 1 / 3))
    assert np.linalg.norm(expected) > 1e-3
    np.testing.assert_allclose(state.adam[0].mu, 0.1 * expected, rtol=1e-3)
    np.testing.assert_allclose(state.logits, -0.5 * np.sign(expected), rtol=1e-3)
    weights = np.asarray(jax.nn.softmax(state.logits))
    np.testing.assert_allclose(state.weights, weights, rtol=1e-5)
    np.testing.assert_allclose(v, weights @ TRAIN, atol=1e-6)


def test_two_objectives_that_disagree_leave_the_weights():
    """The worked example: r is along (-1, 1) and (1, -1), so nothing moves and v is the mean."""
    v, state = one_step(moo.moml(2), (ROWS,), (LATER, LATER_LOSSES))
    np.testing.assert_array_equal(state.logits, 0)
    np.testing.assert_allclose(v, ROWS.mean(axis=0), atol=1e-6)


def test_inactive_logits_wait():
    active = [True, True, False]
    _, state = one_step(METHODS["l2"], (TRAIN,), (HELD, HELD_LOSSES), active=active)
    assert state.logits[2] == 0
    assert state.weights[2] == 0
    assert float(state.weights.sum()) == pytest.approx(1)
    assert state.logits[0] != 0


def test_a_validation_that_does_not_fit_is_named():
    tx, x = moo.moml(2), np.zeros(3)
    with pytest.raises(TypeError, match=r"validation must be a moo.Jacobian, got dict: .*\)$"):
        tx.update(linear(ROWS), tx.init(x), x, validation={})
    with pytest.raises(ValueError, match="validation must be a Jacobian of 2 objectives, got 3"):
        tx.update(linear(ROWS), tx.init(x), x, validation=linear(HELD))


def test_products_above_the_largest_number_over_losses_that_make_up_for_it():
    """With 2**66 in both rows the products are 2**132; over losses of 2**70 they are numbers."""
    big, losses = 2.0**66, 2.0**70 * HELD_LOSSES
    _, long = one_step(METHODS["loss"], (big * TRAIN,), (big * HELD, losses))
    assert np.isfinite(long.logits).all()
    np.testing.assert_array_equal(np.isfinite(long.adam[0].mu), True)


def test_out_of_range():
    with pytest.raises(ValueError, match="normalise must be one of l2, loss, none"):
        moo.moml(2, normalise="unit")
