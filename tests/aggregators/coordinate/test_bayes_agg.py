import numpy as np
import pytest

import moo
from tests.aggregators.follow import ROWS, as_tree, flat, follow

TX = moo.bayes_agg(2)

VARIANCE = np.array([[1, 0.5, 0.25], [0.5, 0.5, 1]])


@pytest.mark.parametrize(("power", "expected"), [
    (1.0, [-0.2, 0.55, -0.38]),
    (0.5, [-0.054416, 0.55, -0.3]),
    (0.0, ROWS.mean(axis=0)),
])  # fmt: skip
def test_worked_numbers(power, expected):
    tx = moo.bayes_agg(2, power=power)
    v = flat(follow(tx, as_tree(ROWS), variance=as_tree(VARIANCE))[0])[0]
    precision = VARIANCE**-power
    np.testing.assert_allclose(v, (precision * ROWS).sum(0) / precision.sum(0), rtol=1e-5)
    np.testing.assert_allclose(v, expected, atol=2e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_units_do_not_matter(scale):
    v = follow(TX, ROWS, variance=np.float32(VARIANCE * scale))[0][0]
    np.testing.assert_allclose(v, [-0.2, 0.55, -0.38], rtol=1e-5)


def test_certain_entries_and_inactive_rows():
    variance = np.array([[0.0, 0, 3], [1, 0, 1]])
    v = follow(TX, ROWS, variance=variance)[0][0]
    np.testing.assert_allclose(v, [1, 0.55, -0.05], atol=1e-6)
    alone = follow(TX, ROWS, variance=variance, active=[False, True])[0][0]
    np.testing.assert_allclose(alone, ROWS[1], rtol=1e-6)
    nothing = follow(TX, ROWS, variance=variance, active=[False, False])[0][0]
    np.testing.assert_array_equal(nothing, 0)


def test_errors():
    with pytest.raises(ValueError, match="variance is missing"):
        follow(TX, ROWS)
    with pytest.raises(ValueError, match=r"variance must broadcast against \(2, 3\)"):
        follow(TX, ROWS, variance=np.ones(2))
    with pytest.raises(ValueError, match="variance must be a pytree like the parameters"):
        follow(TX, ROWS, variance={"w": np.ones((2, 3))})


def test_entries_of_which_nothing_is_known_are_averaged():
    v = follow(TX, ROWS, variance=np.array([[np.inf, 1, 1], [np.inf, np.inf, 1]]))[0][0]
    np.testing.assert_allclose(v, [0.1, 0.2, -0.2], atol=1e-6)


def test_negative_variances_are_refused():
    jac = moo.stacked_jacobian(ROWS.astype(np.float32))
    state = TX.init(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="variance must be non-negative"):
        TX.update(jac, state, variance=-np.ones((2, 3)))
    with pytest.raises(ValueError, match="needs variance=, as an extra argument"):
        TX.update(jac, state)
