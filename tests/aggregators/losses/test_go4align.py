import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import (
    LATER_LOSSES,
    LATER_ROWS,
    LOSSES,
    ROWS,
    both_steps,
    weights_at,
)


def indicators(eta):
    """Follow the rule for the two steps of the example, in float64."""
    share = np.full(2, 0.5)
    for losses in (LOSSES, LATER_LOSSES):
        share = share * np.exp(-eta * losses)
        share = share / share.sum()
        yield share * losses.sum() / losses


def test_two_groups_of_the_worked_example():
    updates, states = both_steps(moo.go4align(2, eta=0.1, groups=2))
    for k, expected in enumerate(indicators(0.1)):
        np.testing.assert_allclose(states[k].weights, expected, rtol=1e-5)
        np.testing.assert_allclose(updates[k], expected @ [ROWS, LATER_ROWS][k], rtol=1e-5)
    np.testing.assert_allclose(updates[0], [1.004913, 0.956266, -0.716216], rtol=1e-5)
    np.testing.assert_allclose(updates[1], [0.359445, 0.822598, -0.18195], rtol=1e-5)


def test_one_group_of_the_worked_example():
    updates, states = both_steps(moo.go4align(2, eta=0.1))
    np.testing.assert_allclose(states[0].weights, next(indicators(0.1)).mean(), rtol=1e-5)
    np.testing.assert_allclose(updates[0], [0.228747, 1.258108, -0.457494], rtol=1e-5)


def test_groups_must_be_a_count():
    with pytest.raises(ValueError, match="groups must be at least 1, got 0"):
        moo.go4align(2, groups=0)


@pytest.mark.parametrize("groups", [1, 3])
def test_ratios_beyond_the_largest_number(groups):
    weights = weights_at(moo.go4align(3, groups=groups), [1e-30, 1.0, 1e30])
    assert np.isfinite(weights).all()
    assert (weights[:1] > 1e37).all()
