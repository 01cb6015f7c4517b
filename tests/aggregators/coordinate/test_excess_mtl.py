import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow


def excesses():
    """Return the estimates of both steps: shape (2, m)."""
    squares = np.cumsum([ROWS**2, LATER**2], axis=0)
    return (np.array([ROWS**2, LATER**2]) / np.sqrt(squares)).sum(axis=-1)


def shares(logits):
    w = np.exp(logits)
    return w / w.sum()


def test_worked_numbers_on_the_simplex():
    first, second = excesses()
    np.testing.assert_allclose([first, second], [[1.7, 1.8], [0.342606, 1.700567]], atol=1e-6)
    v, state = follow(moo.excess_mtl(2, learning_rate=1.0), as_tree(ROWS), as_tree(LATER))
    weights = shares(second / first)
    np.testing.assert_allclose(weights, [0.322299, 0.677701], atol=1e-6)
    np.testing.assert_allclose(state.weights, weights, atol=1e-6)
    np.testing.assert_allclose(flat(v), [ROWS.mean(axis=0), weights @ LATER], atol=2e-6)


@pytest.mark.parametrize(("rate", "weights"), [
    (0.01, [0.996284, 1.003716]),
    (1.0, [0.644598, 1.355402]),
])  # fmt: skip
def test_official_variant(rate, weights):
    tx = moo.excess_mtl(2, learning_rate=rate, variant="official")
    v, state = follow(tx, ROWS, LATER)
    np.testing.assert_allclose(state.weights, weights, atol=2e-6)
    np.testing.assert_allclose(v, [ROWS.sum(axis=0), weights @ LATER], atol=5e-6)


def test_torchjd_variant():
    """Its first step uses the plain estimates, which have the gradients' units."""
    tx = moo.excess_mtl(2, learning_rate=1.0, variant="torchjd")
    first, second = excesses()
    logits = np.cumsum([first, second / first], axis=0)
    np.testing.assert_allclose(shares(logits[0]), [0.475021, 0.524979], atol=1e-6)
    np.testing.assert_allclose(shares(logits[1]), [0.300856, 0.699144], atol=1e-6)
    v, _ = follow(tx, ROWS, LATER)
    np.testing.assert_allclose(v, [shares(logits[0]) @ ROWS, shares(logits[1]) @ LATER], atol=3e-6)


@pytest.mark.parametrize("factors", [(1e-25, 1e-25), (1e25, 1e-20)])
def test_weights_know_no_units(factors):
    column = np.array(factors)[:, None]
    _, state = follow(moo.excess_mtl(2, learning_rate=1.0), ROWS * column, LATER * column)
    np.testing.assert_allclose(state.weights, [0.322299, 0.677701], atol=1e-5)


def test_a_row_that_starts_at_zero_takes_its_first_value_later():
    tx = moo.excess_mtl(2, learning_rate=1.0)
    _, state = follow(tx, ROWS * [[1], [0]], LATER)
    first = np.abs(ROWS[0]).sum()
    np.testing.assert_allclose(state.baselines, [first, np.abs(LATER[1]).sum()], rtol=1e-5)
    np.testing.assert_allclose(state.weights, shares([0.342606 / first, 1.0]), atol=1e-5)


def test_inactive_state_stays():
    _, state = follow(moo.excess_mtl(2), ROWS, LATER, active=[True, False])
    np.testing.assert_array_equal(state.weights, [1, 0])
    assert float(state.logits[1]) == float(state.baselines[1]) == 0
    assert not state.roots[1].any()


def test_unknown_variant():
    with pytest.raises(ValueError, match="variant must be one of simplex, official, torchjd"):
        moo.excess_mtl(2, variant="paper")
