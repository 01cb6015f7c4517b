import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow

TX = moo.adatask(2)


def adam(gradients, b1=0.9, b2=0.999, eps=1e-8):
    """Return Adam's steps of length 1 on given gradients, in float64."""
    first, second, steps = 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        first = b1 * first + (1 - b1) * g
        second = b2 * second + (1 - b2) * g**2
        steps.append(first / (1 - b1**t) / (np.sqrt(second / (1 - b2**t)) + eps))
    return np.array(steps)


def test_worked_numbers_are_a_sum_of_adams():
    v = flat(follow(TX, as_tree(ROWS), as_tree(LATER))[0])
    expected = adam([ROWS[0], LATER[0]]) + adam([ROWS[1], LATER[1]])
    np.testing.assert_allclose(v, expected, atol=2e-6)
    np.testing.assert_allclose(v, [[0, 2, 0], [-0.069156, 1.933537, 0.019206]], atol=2e-5)


def test_one_objective_is_optax_adam():
    v = follow(moo.adatask(1), ROWS[:1], LATER[:1])[0]
    tx = optax.scale_by_adam()
    state = tx.init(np.zeros(3, np.float32))
    for step, J in zip(v, (ROWS, LATER), strict=True):
        expected, state = tx.update(np.float32(J[0]), state)
        # optax takes 1 - 0.999 in float32, where it has four digits.
        np.testing.assert_allclose(step, expected, rtol=3e-5)


def test_opposite_rows_cancel_and_zero_rows_add_nothing():
    np.testing.assert_allclose(follow(TX, np.stack([ROWS[0], -3 * ROWS[0]]))[0][0], 0, atol=1e-6)
    v = follow(moo.adatask(2, eps=0.0), ROWS * [[1], [0]])[0][0]
    np.testing.assert_allclose(v, np.sign(ROWS[0]), rtol=1e-6)


def test_inactive_moments_stay():
    v, state = follow(TX, ROWS, LATER, active=[False, True])
    np.testing.assert_allclose(v, adam([ROWS[1], LATER[1]]), atol=2e-6)
    np.testing.assert_array_equal(state.inner.steps, [0, 2])
    assert not state.inner.first[0].any()


@pytest.mark.parametrize("name", ["b1", "b2"])
def test_errors(name):
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 1\)"):
        moo.adatask(2, **{name: 1.0})


def test_gradients_whose_squares_overflow():
    v = follow(TX, ROWS, LATER)[0]
    np.testing.assert_allclose(follow(TX, ROWS * 2.0**100, LATER * 2.0**100)[0], v, atol=1e-5)
