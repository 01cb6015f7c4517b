"""No two methods give the same directions, unless the registry says so."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._registry import METHODS
from tests.aggregators.conformance import lone
from tests.aggregators.conformance.probe import probe, stepper
from tests.aggregators.table import TABLE

STEPS = 5
SHARING = {name: method.same_as for name, method in METHODS.items() if method.same_as}


@pytest.mark.conformance
@pytest.mark.timeout(1800)  # it compiles every method in one process
def test_no_two_methods_alike():
    found = {name: _directions(name) for name in METHODS if name in TABLE}
    alike = [
        pair
        for pair in itertools.combinations(found, 2)
        if np.abs(found[pair[0]] - found[pair[1]]).max() < 1e-4
    ]
    assert [pair for pair in alike if not _declared(*pair)] == []


@pytest.mark.parametrize(("name", "other"), SHARING.items())
@pytest.mark.conformance
def test_declared_methods_share_their_directions(name, other):
    np.testing.assert_allclose(_directions(name), _directions(other), atol=1e-4)


@functools.cache
def _directions(name):
    """Return the unit directions of five steps on changing rows and losses."""
    rng = np.random.default_rng(11)
    state, step = lone.program(name) if not TABLE[name].extras(lone.M) else _uneven(name)
    found = []
    for _ in range(STEPS):
        asked = probe(rng.standard_normal((lone.M, lone.D)), rng.uniform(0.3, 2, lone.M))
        state, v, *_ = step(state, asked, asked.losses)
        v = np.asarray(v, np.float64)
        found.append(v / max(np.linalg.norm(v), 1e-30))
    return np.stack(found)


def _uneven(name):
    """Return a program whose extras differ from objective to objective."""
    tx = TABLE[name].build(lone.M)

    def extras(name, asked):
        given = TABLE[name].extras(lone.M).items()
        return {key: jnp.arange(1.0, 1 + len(x)).reshape(x.shape) * x for key, x in given}

    return tx.init(jnp.zeros(lone.D)), jax.jit(stepper(name, tx, extras=extras))


def _declared(one, other):
    return METHODS[one].same_as == other or METHODS[other].same_as == one
