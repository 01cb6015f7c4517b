"""A finished sweep of a suite of one metric."""

import pytest

from benchmarks import reports
from benchmarks.reports import _figures
from tests.benchmarks.reports.cells import GAPS, SUITE, write_sweep


@pytest.fixture
def suite_file(tmp_path):
    """A suite of one metric."""
    path = tmp_path / "tiny.toml"
    path.write_text(SUITE)
    return str(path)


@pytest.fixture
def root(tmp_path):
    """The folder of a finished sweep."""
    write_sweep(tmp_path / "sweep", GAPS)
    return tmp_path / "sweep"


@pytest.fixture
def found(root, suite_file):
    """Its only comparison."""
    (one,) = reports.comparisons(reports.read(root), suite_file)
    return one


@pytest.fixture
def undrawn(monkeypatch):
    """Reports without figures, which take most of the time."""
    monkeypatch.setattr(_figures, "drawings", lambda found: [])
