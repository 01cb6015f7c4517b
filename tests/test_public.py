"""The public surface: every name resolves, is documented and typed, and imports lazily."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import moo

ROOT = Path(moo.__file__).parents[1]
LAZY = ["moo", *(f"moo.{name}" for name in moo.__all__ if moo._PUBLIC[name] == f"moo.{name}")]
NAMES = [
    (package, name) for package in LAZY for name in sorted(importlib.import_module(package).__all__)
]


@pytest.mark.parametrize(("package", "name"), NAMES, ids=lambda part: part)
def test_public_name_resolves_and_is_documented(package, name):
    value = getattr(importlib.import_module(package), name)
    if callable(value) or inspect.ismodule(value):
        assert inspect.getdoc(value)
    assert name in dir(importlib.import_module(package))


@pytest.mark.parametrize("package", LAZY)
def test_public_functions_are_annotated_and_show_an_example(package):
    module = importlib.import_module(package)
    for function in filter(inspect.isfunction, (getattr(module, name) for name in module.__all__)):
        signature = inspect.signature(function)
        kinds = [parameter.annotation for parameter in signature.parameters.values()]
        assert inspect.Signature.empty not in [*kinds, signature.return_annotation], function
        assert ">>>" in inspect.getdoc(function), function


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'moo' has no attribute 'mgad'"):
        _ = moo.mgad


@pytest.mark.parametrize("package", LAZY)
def test_import_is_lazy(package):
    code = f"import sys, {package}; sys.exit('jax' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_core_imports_no_flax():
    code = (
        "import sys, moo\n"
        "for name in ('jacobian', 'mgda', 'famo', 'make_step', 'run', 'fit', 'Trajectory'):\n"
        "    getattr(moo, name)\n"
        "sys.exit('flax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_stubs_are_current():
    command = [sys.executable, str(ROOT / ".ci" / "stubs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_types_ship_with_the_package():
    assert (ROOT / "moo" / "py.typed").exists()


def test_version_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == moo.__version__
    assert re.search(r"^## \[(\d.+?)\]", changelog, re.MULTILINE)[1] == moo.__version__


def test_requirements_name_no_index():
    for pins in (ROOT / "requirements").glob("*.txt"):
        text = pins.read_text(encoding="utf-8")
        assert "jax==" in text
        assert "--hash=sha256:" in text
        assert not re.search(r"https?:|--(extra-)?index-url|--find-links| @ ", text)
