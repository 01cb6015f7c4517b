"""Every factory's docstring has the parts that its reader looks for."""

import inspect
import re

import pytest

import moo.aggregators
from moo.aggregators import METHODS, SETS

ORIGIN = re.compile(
    r"paper|code|authors|ours|here|port|published|source|likewise|in (both|the same)"
    r"|LibMTL|TorchJD|Muon|MARS|libmoon|`pamal`"
)

every = pytest.mark.parametrize("name", METHODS | SETS)


def docstring(name):
    return inspect.getdoc(getattr(moo.aggregators, name))


def section(text, title):
    """Return what is indented below a title, or nothing."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    return found[1] if found else ""


def arguments(text):
    """Return what is said on each argument, on one line."""
    entries = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", section(text, "Args"), re.MULTILINE)
    return {name: re.sub(r"\s+", " ", said) for name, said in entries}


@every
def test_definition_and_formula(name):
    first, blank, _ = docstring(name).split("\n", 2)
    assert first.endswith(".")
    assert blank == ""
    assert "$" in docstring(name)


@every
def test_arguments_in_the_order_of_the_signature(name):
    factory = getattr(moo.aggregators, name)
    assert list(arguments(docstring(name))) == list(inspect.signature(factory).parameters)


@every
def test_numbers_by_default_say_where_they_come_from(name):
    said = arguments(docstring(name))
    for parameter in inspect.signature(getattr(moo.aggregators, name)).parameters.values():
        default = parameter.default
        number = isinstance(default, int | float) and not isinstance(default, bool)
        if number and default != 0:
            assert ORIGIN.search(said[parameter.name]), parameter


@every
def test_returns_with_cost_and_state(name):
    returns = section(docstring(name), "Returns")
    assert "backward pass" in re.sub(r"\s+", " ", returns)
    assert re.search(r"[Ss]tate\b", returns)


@every
def test_example_source_and_difference(name):
    text = docstring(name)
    assert ">>> " in section(text, "Example")
    assert re.search(r"^Source: ", text, re.MULTILINE)
    assert re.search(r"^Differs from the paper: ", text, re.MULTILINE)
