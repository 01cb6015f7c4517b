import doctest
import importlib
import pkgutil

import pytest

import benchmarks.runner

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.runner.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    module = importlib.import_module(f"benchmarks.runner.{name}")
    assert doctest.testmod(module).failed == 0


def test_public_names_are_there():
    for name in benchmarks.runner.__all__:
        assert getattr(benchmarks.runner, name).__doc__
