import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, weights_at


def test_worked_example():
    np.testing.assert_allclose(weights_at(moo.p_norm(2), LOSSES), [0.223607, 0.447214], atol=1e-6)


@pytest.mark.parametrize("p", [1.0, 1.5, 4.0, 50.0])
def test_weights_are_the_gradient_of_the_norm(p):
    losses, preference, ideal = np.array([0.3, 1.2, 0.7]), np.array([0.2, 0.5, 0.3]), 0.4
    gaps = preference * (losses - ideal)
    norm = (np.abs(gaps) ** p).sum() ** (1 / p)
    expected = preference * np.sign(gaps) * (np.abs(gaps) / norm) ** (p - 1)
    method = moo.p_norm(3, p=p, preference=preference, ideal=ideal)
    np.testing.assert_allclose(weights_at(method, losses), expected, rtol=2e-5, atol=1e-7)


def test_at_the_ideal_point_and_at_the_ends_of_the_floats():
    np.testing.assert_array_equal(weights_at(moo.p_norm(2, ideal=LOSSES), LOSSES), 0)
    np.testing.assert_allclose(weights_at(moo.p_norm(2, p=1.0), LOSSES), 0.5)
    np.testing.assert_allclose(weights_at(moo.p_norm(2, p=9.0), [1e30, 1e30]), 0.5**(17 / 9),
                               rtol=1e-5)  # fmt: skip


def test_p_below_one_is_no_norm():
    with pytest.raises(ValueError, match="p must be finite and at least 1"):
        moo.p_norm(2, p=0.5)
