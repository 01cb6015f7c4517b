"""The comparison names methods, classes of the peers and tests of ours that exist."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import moo
from benchmarks.peers import cases, certificates, names, page
from benchmarks.peers.answers import Answer, of_moo
from benchmarks.peers.entries import ENTRIES, Entry, Peer
from moo.aggregators import METHODS, SETS

ROOT = Path(__file__).parents[2]
TABLES = {"TorchJD": names.TORCHJD, "LibMTL": names.LIBMTL}


def test_every_entry_is_a_method():
    assert ENTRIES.keys() <= (METHODS | SETS).keys()


def test_every_reason_has_its_tests():
    tests = (ROOT / page.TESTS).read_text(encoding="utf-8")
    for entry in ENTRIES.values():
        assert bool(entry.why) == bool(entry.tests)
        assert all(f"def {name}(" in tests for name in entry.tests)


def test_every_reason_test_is_named():
    tests = (ROOT / page.TESTS).read_text(encoding="utf-8")
    named = {name for entry in ENTRIES.values() for name in entry.tests}
    assert named == {part.split("(")[0] for part in tests.split("\ndef ") if part[:5] == "test_"}


def test_every_shared_method_is_compared_or_says_why_not():
    shared = names.TORCHJD.keys() | names.LIBMTL.keys()
    assert shared <= (METHODS | SETS).keys()
    assert not ENTRIES.keys() & names.NOT_COMPARED.keys()
    assert shared == ENTRIES.keys() | names.NOT_COMPARED.keys()


def test_every_peer_is_in_the_table_of_names():
    for method, entry in ENTRIES.items():
        for peer in entry.peers:
            assert peer.name in TABLES[peer.package][method]


def test_the_page_has_every_entry_and_every_method():
    text = (ROOT / "docs" / "comparison.rst").read_text(encoding="utf-8")
    compared, held = text.split("Method by method\n")
    assert all(f":doc:`generated/methods/{name}`" in compared for name in ENTRIES)
    assert all(f":doc:`generated/methods/{name}`" in held for name in METHODS | SETS)
    assert all(entry.why in compared for entry in ENTRIES.values())


@pytest.mark.skipif(
    not all(map(find_spec, ("torchjd", "LibMTL"))),
    reason="needs TorchJD and LibMTL: pip install -e '.[compare]'",
)
def test_the_tables_name_every_class_of_the_peers():
    assert not names.unnamed()


def test_a_row_marks_the_smallest_certificate_and_counts_failures():
    mean = of_moo(moo.mean(cases.OBJECTIVES))

    def doubled(stack):
        return [Answer(2 * answer.v, None) for answer in mean(stack)]

    def broken(stack):
        return [Answer(np.full(cases.PARAMETERS, np.nan), None) for _ in stack]

    def length(J, v, weights):
        return float(np.linalg.norm(v) / np.linalg.norm(J.mean(axis=0)))

    entry = Entry(
        lambda: mean,
        (Peer("TorchJD", "Half", lambda: doubled, 0.25), Peer("LibMTL", "NaN", lambda: broken)),
        ("length", length),
    )
    ours, half, failed = page._rows("mean", entry)
    assert ours == (":doc:`generated/methods/mean`", "moo", "", "length", "1.0e+00", "", "")
    assert half == ("", "TorchJD ``Half``", "5.0e-01", "length", "**5.0e-01**", "", "0.25")
    assert failed[4:] == ("", "200", "")


def test_no_answer_is_no_equal_projection():
    J = np.eye(3, 6)
    assert certificates.projections(J, np.zeros(6), None) == np.inf
    assert certificates.projections(J, J.sum(axis=0), None) == 0
    assert certificates.projections(J, -J.sum(axis=0), None) == 2
