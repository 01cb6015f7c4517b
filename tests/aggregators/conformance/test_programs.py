"""Ways to run a method: under vmap and scan, alone under jit, eagerly, on the smaller problem."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._registry import METHODS
from tests.aggregators.conformance import lone
from tests.aggregators.conformance.probe import Probe, stepper
from tests.aggregators.conformance.run import at, methods, outcome
from tests.aggregators.conformance.stack import LANES, PLACES, D
from tests.aggregators.table import TABLE

DRAWN = [name for name, method in METHODS.items() if not method.random and name in TABLE]
THREE = [key for key, asked in LANES.items() if key[0] == "masked" and asked.active.sum() == 3]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.conformance
def test_active_is_the_smaller_problem(name):
    """The stack's lanes with three active objectives, against three objectives under jit alone."""
    for key in THREE:
        asked, masked = LANES[key], at(outcome(name), PLACES[key])
        smaller = lone.answer(name, Probe(*(field[asked.active] for field in asked)))
        tight = 2e-5 if "random" in key[1] else 1e-3
        gap = np.linalg.norm(smaller.v - masked.v, axis=1)
        assert (gap <= tight * masked.mass).all(), key


@methods
@pytest.mark.conformance
def test_eager_equals_jit(name):
    asked = _small("random 0")
    expected = lone.steps(name, asked, asked.losses[None])[0]
    tx = TABLE[name].build(lone.M)
    found = stepper(name, tx)(tx.init(jnp.zeros(D)), jax.tree.map(jnp.asarray, asked),
                              jnp.asarray(asked.losses))[1:]  # fmt: skip
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6) if one is not None else None


@methods
@pytest.mark.conformance
def test_steps_share_one_trace(name):
    asked = _small("random 1")
    lone.steps(name, asked, asked.losses * np.linspace(1, 0.5, 5, dtype=np.float32)[:, None])
    assert lone.program(name)[1]._cache_size() == 1


def _small(case):
    return Probe(*(field[:3] for field in LANES["base", case]))
