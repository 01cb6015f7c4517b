import numpy as np
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.follow import LATER, ROWS, follow


@pytest.mark.parametrize(
    ("decay", "later", "targets"),
    [
        (0.5, [-0.101251, 1.315275, -0.027408], -0.393581),
        (0.01, [0.08543, 1.449795, -0.107022], -0.010264),
    ],
)
def test_worked_numbers(decay, later, targets):
    update, state = follow(moo.gradvac(2, decay=decay), ROWS, LATER)
    np.testing.assert_allclose(update[0], [0.352257, 1.61689, -0.6138], atol=2e-6)
    np.testing.assert_allclose(update[1], later, atol=5e-6)
    np.testing.assert_allclose(state.inner.targets, targets * (1 - np.eye(2)), atol=2e-6)


def test_first_step_of_three_rows_is_one_of_pcgrads():
    J = np.vstack([ROWS, [-0.2, -0.9, 0.4]])
    update, _ = follow(moo.gradvac(3), J)
    assert np.abs(oracles.pcgrad_all(J) - update[0]).max(axis=1).min() < 1e-5


def test_opposite_and_zero_rows():
    g = ROWS[0]
    update, state = follow(moo.gradvac(2), np.stack([g, -2 * g]), np.stack([g, 0 * g]))
    np.testing.assert_allclose(update, [0 * g, g], atol=1e-6)
    np.testing.assert_allclose(state.inner.targets, -0.01 * (1 - np.eye(2)), atol=1e-6)


def test_an_inactive_row_keeps_its_targets():
    J = np.vstack([ROWS, ROWS[0]])
    update, state = follow(moo.gradvac(3), J, active=[True, True, False])
    np.testing.assert_allclose(update[0], [0.352257, 1.61689, -0.6138], atol=2e-6)
    np.testing.assert_array_equal(np.asarray(state.inner.targets)[[0, 1, 2, 2], [2, 2, 0, 1]], 0)


def test_targets_at_one_stay_finite():
    same = np.stack([ROWS[0], ROWS[0]])
    update, _ = follow(moo.gradvac(2, decay=1.0), same, same, ROWS)
    assert np.isfinite(update).all()


def test_wrong_decay():
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\], got 2"):
        moo.gradvac(2, decay=2.0)
