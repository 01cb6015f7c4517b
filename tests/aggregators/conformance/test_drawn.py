"""Every claimed law on drawn matrices, of structures that hypothesis chooses."""

import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.aggregators.conformance import lone
from tests.aggregators.conformance.laws import LAWS, POWER, VARIANTS, changed_digits
from tests.aggregators.conformance.probe import probe
from tests.aggregators.conformance.run import methods
from tests.aggregators.conformance.stack import D
from tests.aggregators.table import TABLE

STRUCTURES = ("plain", "near-duplicate", "opposite", "rank 1", "rank 2", "stationary", "zero row")
seeds = st.integers(0, 2**32 - 1)


def structured(structure, J, rng):
    """Give three random rows a structure."""
    if structure == "near-duplicate":
        J[1] = J[0] + 1e-4 * J[1]
    elif structure == "opposite":
        J[1] = -rng.uniform(0.1, 10) * J[0]
    elif structure == "rank 1":
        J = np.outer(rng.standard_normal(3), J[0])
    elif structure == "rank 2":
        J[2] = rng.standard_normal(2) @ J[:2]
    elif structure == "stationary":
        J[2] = -rng.uniform(0.1, 1, 2) @ J[:2]
    elif structure == "zero row":
        J[1] = 0
    return J


@st.composite
def probes(draw):
    """Draw three rows, of which two or all are active."""
    rng = np.random.default_rng(draw(seeds))
    J = structured(draw(st.sampled_from(STRUCTURES)), rng.standard_normal((3, D)), rng)
    spread = draw(st.sampled_from([0, 1, 6]))
    active = draw(st.sampled_from([[True, True, True], [True, True, False]]))
    return probe(J * 10.0 ** rng.uniform(-spread, spread, (3, 1)), active=active)


@methods
@pytest.mark.conformance
def test_claimed_laws(name):
    tried = collections.Counter()

    @settings(max_examples=30)
    @given(asked=probes(), seed=seeds)
    def hold(asked, seed):
        for law, applies in TABLE[name].laws.items():
            if applies(asked.matrix):
                tried[law] += _holds(name, law, asked, np.random.default_rng(seed))

    hold()
    assert tried.keys() >= TABLE[name].laws.keys()
    assert min(tried.values(), default=1) > 0


def _holds(name, law, asked, rng):
    """Check a law on one draw, unless the method itself says that it has no answer."""
    variants = VARIANTS.get(LAWS[law].variants, lambda asked, rng: [])
    compared = [asked, *variants(asked, rng)]
    found = [lone.answer(name, other) for other in compared]
    if not all(answer.converged.all() for answer in found):
        return False
    assert LAWS[law].error(compared, found) <= LAWS[law].tolerance, law
    if law in POWER:
        # The last factor is no power of two.
        assert changed_digits(law, compared[:-1], found[:-1]) == 0
    return True
