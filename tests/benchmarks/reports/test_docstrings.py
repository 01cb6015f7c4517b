import doctest
import importlib
import pkgutil

import pytest

import benchmarks.reports

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.reports.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    module = importlib.import_module(f"benchmarks.reports.{name}")
    assert doctest.testmod(module).failed == 0


def test_public_names_are_there():
    for name in benchmarks.reports.__all__:
        assert getattr(benchmarks.reports, name).__doc__
