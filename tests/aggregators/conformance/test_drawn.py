"""Every claimed law on drawn matrices, of structures that hypothesis chooses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.aggregators.conformance import lone
from tests.aggregators.conformance.laws import LAWS, VARIANTS
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
    rng = np.random.default_rng(draw(seeds))
    J = structured(draw(st.sampled_from(STRUCTURES)), rng.standard_normal((3, D)), rng)
    spread = draw(st.sampled_from([0, 1, 6]))
    return probe(J * 10.0 ** rng.uniform(-spread, spread, (3, 1)))


@methods
@pytest.mark.conformance
@settings(max_examples=30)
@given(asked=probes(), seed=seeds)
def test_claimed_laws(name, asked, seed):
    for law, applies in TABLE[name].laws.items():
        if applies(asked.matrix):
            variants = VARIANTS.get(LAWS[law].variants, lambda asked, rng: [])
            compared = [asked, *variants(asked, np.random.default_rng(seed))]
            found = [lone.answer(name, other) for other in compared]
            if not all(answer.converged.all() for answer in found):
                continue  # the method itself says that it has no answer
            assert LAWS[law].error(compared, found) <= LAWS[law].tolerance, law
