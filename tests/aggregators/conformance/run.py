"""One compiled program a method answers the whole stack; every test reads its answers."""

import functools

import jax
import pytest

from moo.aggregators._registry import METHODS
from tests.aggregators.conformance.laws import LAWS
from tests.aggregators.conformance.probe import Answer, answers, follower
from tests.aggregators.conformance.stack import BASES, LANES, PROBES, M, compared
from tests.aggregators.table import TABLE

methods = pytest.mark.parametrize("name", [name for name in METHODS if name in TABLE])
PROBE_LIST = list(LANES.values())


@functools.cache
def traced(name):
    return jax.jit(jax.vmap(follower(name, M))).trace(PROBES)


@functools.cache
def outcome(name):
    """Return the answers to the stack, every field with a leading axis of lanes."""
    return answers(name, PROBES, traced(name).lower().compile()(PROBES))


def at(answer, place):
    """Return one lane's answer, or those of several lanes."""
    return Answer(*(None if field is None else field[place] for field in answer))


def error(name, law, case):
    """Return by how much a method misses a law on a case."""
    places = compared(law, case)
    given = [at(outcome(name), place) for place in places]
    return LAWS[law].error([PROBE_LIST[place] for place in places], given)


def lawful(name, law):
    """Return the cases on which a method's law is tested."""
    applies = TABLE[name].laws[law]
    return [case for case, asked in BASES.items() if applies(asked.matrix)]


def claims(holds):
    """Parametrize over methods and the laws that they claim, or over those that they do not."""
    pairs = [
        (name, law)
        for name in METHODS
        if name in TABLE
        for law in LAWS
        if (law in TABLE[name].laws) == holds
    ]
    return pytest.mark.parametrize(("name", "law"), pairs)
