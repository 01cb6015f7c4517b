"""Every law that a method of sets claims, and a counterexample to every one that it does not."""

import numpy as np
import pytest

from moo.aggregators import SETS
from tests.aggregators.conformance.laws import CLEAR, LAWS, RANDOM_TOLERANCE
from tests.aggregators.sets.laws import missed
from tests.aggregators.sets.stack import LANES, LAWFUL, answer
from tests.aggregators.sets.table import TABLE

# Where methods violate a law; "worked" for those that are not here.
COUNTEREXAMPLES = {
    "non_conflicting": "opposite",
    "stationary": "opposite",
    "loss_scale_invariant": "random 0",
}


def claims(holds):
    pairs = [(name, law) for name, row in SETS.items() for law in LAWS if row.claims(law) == holds]
    return pytest.mark.parametrize(("name", "law"), pairs)


@claims(True)
def test_claimed(name, law):
    errors = {case: error(name, law, case) for case in LAWFUL}
    assert {case: e for case, e in errors.items() if e > RANDOM_TOLERANCE} == {}


@claims(False)
def test_not_claimed(name, law):
    assert error(name, law, COUNTEREXAMPLES.get(law, "worked")) > CLEAR


@pytest.mark.parametrize("name", [name for name in SETS if SETS[name].claims("homogeneous")])
@pytest.mark.parametrize("case", LAWFUL)
def test_powers_of_two_change_no_digit_of_the_weights(name, case):
    expected = weights(name, "base", case)
    for i in range(2):
        for one, other in zip(weights(name, "scaled", case, i), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def weights(name, *lane):
    state, _ = answer(name, *lane)
    return (state.multipliers, state.repulsion) if name == "moo_svgd" else (state.weights,)


def error(name, law, case):
    """Return by how much a method misses a law on a case, for the worst of its solutions."""
    keys = [("base", case), *(key for key in LANES if key[:2] == (LAWS[law].variants, case))]
    # Where solutions have directions, these are permuted with the objectives.
    flips = [TABLE[name].directed and key[0] == "permuted" for key in keys]
    found = [answer(name, *key, flipped=flip) for key, flip in zip(keys, flips, strict=True)]
    return missed(name, law, [LANES[key] for key in keys], found)
