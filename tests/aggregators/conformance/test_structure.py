"""The table against the registry, and what a method's state may look like."""

import jax
import jax.numpy as jnp
import pytest

from moo.aggregators._registry import LAWS, METHODS
from tests.aggregators.conformance import laws
from tests.aggregators.conformance.probe import probe, stepper
from tests.aggregators.conformance.run import methods
from tests.aggregators.conformance.stack import BASES, FOURS
from tests.aggregators.table import TABLE
from tests.aggregators.table._row import always
from tests.helpers.core import signature


def test_every_method_has_a_row():
    assert TABLE.keys() == METHODS.keys()


def test_every_law_is_checked():
    assert laws.LAWS.keys() == LAWS.keys()


@methods
def test_row_agrees_with_the_registry(name):
    row = TABLE[name]
    assert row.laws.keys() == {law.name for law in METHODS[name].laws}
    assert [
        law.name
        for law in METHODS[name].laws
        if law.holds == "always" and row.laws[law.name] is not always
    ] == []
    assert row.laws.keys().isdisjoint(row.breaks)
    assert row.extras(3).keys() == set(METHODS[name].extras)
    assert all(row.counterexample(law) in BASES for law in LAWS.keys() - row.laws.keys())


@methods
def test_state_keeps_its_signature(name):
    tx = TABLE[name].build(4)
    asked = jax.tree.map(jnp.asarray, FOURS["random 0"])
    before = jax.eval_shape(tx.init, jnp.zeros(6))
    after = jax.eval_shape(stepper(name, tx), before, asked, asked.losses)[0]
    assert signature(after) == signature(before)


@methods
@pytest.mark.conformance
def test_state_of_one_objective(name):
    tx, asked = TABLE[name].build(1), probe([[1.0, 2.0]])
    before = jax.eval_shape(tx.init, jnp.zeros(2))
    after = jax.eval_shape(stepper(name, tx), before, asked, asked.losses)[0]
    assert signature(after) == signature(before)
