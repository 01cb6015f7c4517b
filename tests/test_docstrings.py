"""Every `>>>` example in moo runs, and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

import moo

ROOT = Path(moo.__file__).parent
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)


@pytest.mark.usefixtures("unoptimised")
@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    # Finder and runner visit the module's own functions only, so a lazy package
    # contributes its docstring and each name is run where it is defined.
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    for example in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)
