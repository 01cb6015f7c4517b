import doctest
import importlib
import io
import pkgutil

import pytest
from rich.console import Console

import benchmarks.faults
from benchmarks.faults._finding import Finding, Plan, tell

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.faults.__path__)]


def told(*findings):
    text = io.StringIO()
    held = tell("title", findings, Console(file=text, width=200), "note")
    return held, text.getvalue()


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    module = importlib.import_module(f"benchmarks.faults.{name}")
    assert doctest.testmod(module).failed == 0


def test_a_table_says_what_came_of_the_faults():
    finding = Finding("a kill")
    for what in ("of a child", "of all", "of all"):
        finding.saw(what)
    held, text = told(finding, Finding("a mount", skipped="not allowed here"))
    assert held
    assert "2 of all, 1 of a child" in text
    assert "not tried" in text
    assert "not allowed here" in text


def test_what_did_not_hold_is_listed_up_to_a_number():
    finding = Finding("a kill")
    finding.saw("of all")
    for cell in range(12):
        finding.expect(cell < 0, f"cell {cell} is lost")
    held, text = told(finding)
    assert not held
    assert "NO" in text
    assert "a kill: cell 9 is lost" in text
    assert "and 2 more" in text


def test_nothing_done_is_nothing_shown():
    assert not Finding("a kill").held
    assert not told()[0]


def test_draws_depend_on_the_seed_and_the_name(tmp_path):
    one, same, named, seeded = (
        plan.draws(name).random()
        for plan, name in (
            (Plan(1, tmp_path), "a"), (Plan(9, tmp_path / "x"), "a"), (Plan(1, tmp_path), "b"),
            (Plan(1, tmp_path, seed=1), "a"),
        )
    )  # fmt: skip
    assert one == same
    assert len({one, named, seeded}) == 3
