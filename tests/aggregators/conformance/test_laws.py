"""Every law that a method claims, and a counterexample to every law that it does not."""

import pytest

from tests.aggregators.conformance.laws import (
    CLEAR,
    LAWS,
    POWER,
    RANDOM_TOLERANCE,
    changed_digits,
)
from tests.aggregators.conformance.run import PROBE_LIST, at, claims, error, lawful, outcome
from tests.aggregators.conformance.stack import compared
from tests.aggregators.table import TABLE

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
        places = compared(law, case)[:-1]  # the last factor is no power of two
        probes, found = zip(*((PROBE_LIST[p], at(outcome(name), p)) for p in places), strict=True)
        assert changed_digits(law, probes, found) == 0, case
