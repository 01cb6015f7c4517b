"""Rows of the method registry against the code, the bibliography and each other."""

import importlib
import inspect
import re
from collections import Counter

import pytest

import moo
from moo import cli
from moo.aggregators import _registry
from moo.aggregators._registry import METHODS, SETS, lookup

CANONICAL = {
    "mean",
    "sum",
    "uncertainty",
    "mgda",
    "pcgrad",
    "cagrad",
    "imtl_g",
    "nash_mtl",
    "aligned_mtl",
    "upgrad",
    "dual_proj",
    "famo",
}

ALL = METHODS | SETS
rows = pytest.mark.parametrize(("name", "method"), METHODS.items(), ids=METHODS)
every = pytest.mark.parametrize(("name", "method"), ALL.items(), ids=ALL)


def load(method):
    module, _, function = method.factory.partition(":")
    return getattr(importlib.import_module(module), function)


def test_canonical_names():
    assert METHODS.keys() >= CANONICAL
    assert METHODS.keys().isdisjoint(SETS)


def test_counts():
    assert len(ALL) >= 65
    assert len({method.paper for method in ALL.values()}) >= 55


def test_titles_are_given_once():
    entries = cli.bibliography().values()
    titles = [re.sub(r"\W+", " ", _title(entry)).lower().strip() for entry in entries]
    assert "" not in titles
    assert [title for title, times in Counter(titles).items() if times > 1] == []


def _title(entry):
    """Return what stands in the outer braces of the title, which may go over lines."""
    start = re.search(r"\btitle\s*=\s*\{", entry).end()
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(entry[end], 0)
        end += 1
    return entry[start : end - 1]


def test_shared_directions_name_a_method():
    for name, method in ALL.items():
        assert method.same_as is None or (method.same_as in ALL and method.same_as != name)


@every
def test_factory_is_the_public_function(name, method):
    assert load(method) is getattr(moo, name) is getattr(moo.aggregators, name)
    assert method.factory.startswith(f"moo.aggregators.{method.family}._")


@rows
def test_factory_takes_keywords_with_defaults(name, method):
    first, *others = inspect.signature(load(method)).parameters.values()
    assert first.name == "num_objectives"
    if method.placement == "wraps":
        assert others.pop(0).name == "optimizer"
    assert all(other.default is not other.empty for other in others)


@rows
def test_built_aggregator_agrees(name, method):
    if method.placement == "first":
        built = moo.aggregator(name, num_objectives=3)
        assert (built.num_objectives, built.linear) == (3, method.linear)
    else:
        with pytest.raises(ValueError, match=r"moo\.optimizer"):
            moo.aggregator(name, num_objectives=3)


@every
def test_paper_is_in_the_bibliography(name, method):
    assert method.paper in cli.bibliography()


def test_papers_of_the_models_are_in_the_bibliography():
    assert {model.paper for model in moo.models.MODELS.values()} <= cli.bibliography().keys()


@every
def test_row_is_consistent(name, method):
    assert method.needs != "losses" or method.backward_passes[0] in "1K"
    assert method.summary
    assert "\n" not in method.summary
    assert method.defaults
    laws = [law.name for law in method.laws]
    assert len(set(laws)) == len(laws)
    assert all(method.claims(law) for law in laws)
    assert not method.claims("no such law")


@every
def test_laws_are_explained(name, method):
    for law in method.laws:
        assert law.name in _registry.LAWS
        assert law.holds


def test_lookup():
    assert lookup("mgda") is METHODS["mgda"]


@pytest.mark.parametrize(
    ("wrong", "near"), [("mgad", "mgda"), ("PCGrad", "pcgrad"), ("nashmtl", "nash_mtl")]
)
def test_lookup_names_the_nearest(wrong, near):
    with pytest.raises(ValueError, match=f"unknown method '{wrong}'; did you mean {near}"):
        lookup(wrong)


def test_lookup_of_nothing_like_it_lists_all():
    with pytest.raises(ValueError, match=r"known: ada_omd_tch, .*, wc_mgda$"):
        lookup("zzzzzzzz")
