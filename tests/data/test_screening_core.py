import csv

import numpy as np
import pytest

from moo.data import DataError, load
from moo.data._screening_core import _FIELDS, TASKS

BENZENE = {"inchikey": "K1", "smiles": "c1ccccc1", "scaffold": "c1ccccc1", "mw": 78.1, "sa": 1,
           "logD74": 2.1, "SR-MMP": "1.0", "FDA_APPROVED": "1.0", "CT_TOX": "0.0"}  # fmt: skip
ETHANE = {"inchikey": "K2", "smiles": "CC", "mw": 30.1, "sa": 1.5, "logS": "-0.36"}
NUMBERS = dict.fromkeys(("clogp", "tpsa", "qed", "hbd", "hba", "rotb"), 0)


@pytest.fixture
def folder(tmp_path):
    def write(*rows, bits=None):
        rows = rows or (BENZENE, ETHANE)
        with (tmp_path / "screening_core.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(_FIELDS), restval="", lineterminator="\n")
            table.writeheader()
            table.writerows(NUMBERS | row for row in rows)
        if bits is None:
            bits = np.zeros((len(rows), 1024), np.uint8)
            bits[:, 3] = 1
        np.savez(tmp_path / "screening_core_morgan1024.npz", fp=np.packbits(bits, axis=1))
        return tmp_path

    return write


def test_labels_are_masked(folder):
    data = load("molecules", folder())
    measured = [[TASKS[task] for task in np.flatnonzero(row)] for row in data.mask]
    assert measured == [["logD74", "SR-MMP", "CT_TOX"], ["logS"]]
    np.testing.assert_array_equal(data.labels[data.mask], np.array([2.1, 1, 0, -0.36], np.float32))
    assert not data.labels[~data.mask].any()
    assert data.kinds == ("regression",) * 2 + ("classification",) * 13
    assert "FDA_APPROVED" not in data.tasks


def test_inputs(folder):
    data = load("molecules", folder())
    assert np.argwhere(data.fingerprints).tolist() == [[0, 3], [1, 3]]
    assert data.smiles.tolist() == ["c1ccccc1", "CC"]
    assert data.scaffolds.tolist() == ["c1ccccc1", ""]
    assert data.descriptors[:, data.descriptor_names.index("sa")].tolist() == [1, 1.5]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"CT_TOX": "0.5"}, r"line 3, column 'CT_TOX': 0\.5 is not 0 or 1"),
        ({"logS": "n/a"}, "line 3, column 'logS': 'n/a' is not a finite number"),
        ({"qed": "1.2"}, r"line 3, column 'qed': 1\.2 is outside \[0, 1\]"),
        ({"hbd": "2.0"}, r"line 3, column 'hbd': '2\.0' is not a whole number"),
        ({"inchikey": "K1"}, "line 3, column 'inchikey': K1 stands in an earlier line too"),
    ],
)
def test_bad_values_are_named(folder, changed, message):
    with pytest.raises(DataError, match=r"screening_core\.csv: " + message):
        load("molecules", folder(BENZENE, ETHANE | changed))


def test_fingerprints_of_other_molecules(folder):
    with pytest.raises(DataError, match="3 fingerprints of 2 molecules"):
        load("molecules", folder(bits=np.zeros((3, 1024), np.uint8)))
    with pytest.raises(DataError, match=r"array 'fp': has the shape \(2, 64\)"):
        load("molecules", folder(bits=np.zeros((2, 512), np.uint8)))


def test_real_data(data_root):
    data = load("molecules", data_root)
    assert len(data) == 12_998
    counts = dict(zip(data.tasks, data.mask.sum(axis=0), strict=True))
    assert [counts[task] for task in ("logD74", "logS", "CT_TOX")] == [4_200, 1_116, 1_433]
    assays = data.mask[:, 2:-1].any(axis=1)
    assert assays.sum() == 7_805
    assert (assays & data.mask[:, 0]).sum() == 397
    parts = data.split_by_scaffold()
    assert sum(map(len, parts)) == len(data)
    np.testing.assert_allclose(
        [len(part) / len(data) for part in parts], (0.8, 0.1, 0.1), atol=0.01
    )
    for part in parts:
        # Both classes of every assay, so that each part can be ranked.
        positives = (part.labels * part.mask)[:, 2:].sum(axis=0)
        assert (positives > 0).all()
        assert (positives < part.mask[:, 2:].sum(axis=0)).all()
