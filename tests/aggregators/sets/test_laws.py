"""Every law that a method of sets claims, and a counterexample to every one that it does not."""

import numpy as np
import pytest

from moo.aggregators import SETS
from tests.aggregators.conformance.laws import CLEAR, LAWS, RANDOM_TOLERANCE
from tests.aggregators.conformance.probe import Answer, probe
from tests.aggregators.sets.stack import LANES, LAWFUL, answer
from tests.aggregators.sets.table import TABLE

ALONE = ("non_conflicting", "stationary", "equal_projections")
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
    missed = {case: error(name, law, case) for case in LAWFUL}
    assert {case: e for case, e in missed.items() if e > RANDOM_TOLERANCE} == {}


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
    kind = LAWS[law].variants
    keys = [("base", case), *(key for key in LANES if key[:2] == (kind, case))]
    probes = [LANES[key] for key in keys]
    answers = [answered(name, key) for key in keys]
    if law in ALONE:
        return max(LAWS[law].error([one], [found]) for one, found in each(name, *probes, *answers))
    return LAWS[law].error(probes, answers)


def answered(name, lane):
    """Return a lane's answer, with solutions in the place of steps.

    Where solutions have directions, these are permuted with the objectives.
    """
    flipped = TABLE[name].directed and lane[0] == "permuted"
    state, v = answer(name, *lane, flipped=flipped)
    v = np.atleast_2d(np.float64(v))
    lengths = np.linalg.norm(np.float64(LANES[lane].rows), axis=2)
    if SETS[name].linear:
        terms = (np.abs(state.weights) * lengths).sum(axis=1)
        mass = terms.mean(keepdims=True) if TABLE[name].rays else terms
    else:
        mass = lengths.max() + np.linalg.norm(v, axis=1)
    return Answer(v, None, None, np.maximum(mass, 1e-30))


def each(name, asked, answered):
    """Yield what laws of one matrix compare: a solution's own rows, or those of all rays."""
    for k, v in enumerate(answered.v):
        rows = asked.rows.reshape(-1, asked.rows.shape[2]) if TABLE[name].rays else asked.rows[k]
        yield probe(rows), Answer(v[None], None, None, answered.mass[k : k + 1])
