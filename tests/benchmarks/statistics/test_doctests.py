"""Every `>>>` example of the statistics runs, and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

import benchmarks.statistics

MODULES = sorted(path.stem for path in Path(benchmarks.statistics.__path__[0]).glob("_*.py"))


@pytest.mark.parametrize("name", [name for name in MODULES if name != "__init__"])
def test_examples(name):
    module = importlib.import_module(f"benchmarks.statistics.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0


@pytest.mark.parametrize("name", benchmarks.statistics.__all__)
def test_every_public_name_exists_and_has_an_example(name):
    thing = getattr(benchmarks.statistics, name)
    assert thing.__doc__
    if callable(thing) and not isinstance(thing, type):
        assert ">>>" in thing.__doc__
