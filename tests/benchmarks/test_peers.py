"""The comparison names methods, and tests of ours, that exist."""

from pathlib import Path

from benchmarks.peers.entries import ENTRIES
from moo.aggregators import METHODS

ROOT = Path(__file__).parents[2]


def test_every_entry_is_a_method():
    assert ENTRIES.keys() <= METHODS.keys()


def test_every_reason_has_its_test():
    for entry in ENTRIES.values():
        assert bool(entry.why) == bool(entry.test)
        if entry.test:
            path, name = entry.test.split("::")
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_the_page_has_every_entry():
    page = (ROOT / "docs" / "comparison.rst").read_text(encoding="utf-8")
    assert all(f":doc:`generated/methods/{name}`" in page for name in ENTRIES)
