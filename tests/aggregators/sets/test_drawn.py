"""Every law that a method of sets claims, on Jacobians that hypothesis draws."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moo.aggregators import SETS
from tests.aggregators.conformance.laws import LAWS, TOLERANCE
from tests.aggregators.sets.laws import missed
from tests.aggregators.sets.stack import VARIANTS, K, M
from tests.aggregators.sets.table import TABLE, Asked, drawn, program

seeds = st.integers(0, 2**32 - 1)


@st.composite
def asked(draw):
    """Draw three solutions, one of them with rows that repeat, oppose each other or vanish."""
    found = drawn(draw(seeds), M, K)
    rows = found.rows.copy()
    kind = draw(st.sampled_from(["plain", "duplicate", "opposite", "zero row"]))
    if kind != "plain":
        factor = {"duplicate": 1, "opposite": -2, "zero row": 0}[kind]
        rows[1, 1] = factor * rows[1, 0]
    return found._replace(rows=rows)


@pytest.mark.conformance
@pytest.mark.parametrize("name", [name for name in SETS if SETS[name].laws])
def test_claimed_laws(name):
    tried = set()

    @settings(max_examples=20)
    @given(one=asked(), seed=seeds)
    def hold(one, seed):
        for law in (law for law in LAWS if SETS[name].claims(law)):
            kind = LAWS[law].variants
            others = VARIANTS.get(kind, lambda asked, rng: [])(one, np.random.default_rng(seed))
            probes = [one, *(Asked(*map(np.float32, other)) for other in others)]
            flips = [False, *(TABLE[name].directed and kind == "permuted" for _ in others)]
            found = [solved(name, other, flip) for other, flip in zip(probes, flips, strict=True)]
            assert missed(name, law, probes, found) <= TOLERANCE, law
            tried.add(law)

    hold()
    assert tried == {law for law in LAWS if SETS[name].claims(law)}


def solved(name, asked, flipped):
    """Return (state, v) of the first step, by the program of a stack of one."""
    stack = jax.tree.map(lambda field: field[None], asked)
    return jax.tree.map(lambda leaf: np.asarray(leaf)[0], program(name, flipped)(stack))
