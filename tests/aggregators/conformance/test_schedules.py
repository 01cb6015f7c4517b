"""Schedules may stand for every hyper-parameter that is a real number."""

import importlib
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators._registry import METHODS
from tests.aggregators.conformance import lone
from tests.aggregators.conformance.probe import fallen, stepper
from tests.aggregators.conformance.stack import FOURS
from tests.aggregators.table import TABLE


def factory(name):
    module, _, function = METHODS[name].factory.partition(":")
    return getattr(importlib.import_module(module), function)


def numeric(name):
    parameters = inspect.signature(factory(name)).parameters.values()
    return {p.name: p.default for p in parameters if isinstance(p.default, float)}


SCHEDULED = [name for name in METHODS if name in TABLE and numeric(name)]


@pytest.mark.parametrize("name", SCHEDULED)
@pytest.mark.conformance
def test_constant_schedules_change_nothing(name):
    given = (optax.sgd(1.0),) if METHODS[name].placement == "wraps" else ()
    schedules = {key: optax.constant_schedule(x) for key, x in numeric(name).items()}
    tx = moo.inject_hyperparams(factory(name))(lone.M, *given, **schedules)
    found = _follow(name, tx.init(jnp.zeros(lone.D)), jax.jit(stepper(name, tx)))
    np.testing.assert_allclose(found, _plain(name, given), rtol=2e-4, atol=1e-5)


def _plain(name, given):
    if TABLE[name].build is factory(name):
        return _follow(name, *lone.program(name))
    tx = factory(name)(lone.M, *given)
    return _follow(name, tx.init(jnp.zeros(lone.D)), jax.jit(stepper(name, tx)))


def _follow(name, state, step):
    asked = type(FOURS["random 0"])(*(field[:3] for field in FOURS["random 0"]))
    found = []
    for losses in np.asarray(fallen(name, asked))[:3]:
        state, v, *_ = step(state, asked, losses)
        found.append(v)
    return np.stack(found)
