"""Every law that a method claims, and a counterexample to every law that it does not."""

import numpy as np
import pytest

from tests.aggregators.conformance.laws import CLEAR, LAWS, RANDOM_TOLERANCE, factor
from tests.aggregators.conformance.run import PROBE_LIST, at, claims, error, lawful, outcome
from tests.aggregators.conformance.stack import compared
from tests.aggregators.table import TABLE

POWER = {"homogeneous": 0, "scale_invariant": -1}
exact = [(name, law) for name, row in TABLE.items() for law in POWER if law in row.laws]


@claims(True)
def test_claimed(name, law):
    cases = lawful(name, law)
    assert len(cases) >= 3
    missed = {case: error(name, law, case) for case in cases}
    assert {case: e for case, e in missed.items() if e > allowed(law, case)} == {}


def allowed(law, case):
    tolerance = LAWS[law].tolerance
    return min(tolerance, RANDOM_TOLERANCE) if case.startswith("random") else tolerance


@claims(False)
def test_not_claimed(name, law):
    assert error(name, law, TABLE[name].counterexample(law)) > CLEAR


@pytest.mark.parametrize(("name", "law"), exact)
def test_powers_of_two_change_no_digit(name, law):
    """Of the weights, or of v for a method that has none."""
    for case in lawful(name, law):
        first, *others, _ = compared(law, case)
        start = at(outcome(name), first)
        for place in others:
            s = factor(PROBE_LIST[first], PROBE_LIST[place])
            found = at(outcome(name), place)
            if found.weights is None:
                pair = _normal(found.v), _normal(start.v * s ** (1 + POWER[law]))
            else:
                pair = found.weights, start.weights * s ** POWER[law]
            np.testing.assert_array_equal(*pair, err_msg=case)


def _normal(v):
    """Leave out what float32 may round to 0."""
    return np.where(np.abs(v) < 1e-36, 0, v)
