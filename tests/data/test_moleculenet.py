import csv
import gzip

import numpy as np
import pytest

from moo.data import DataError, load
from moo.data._drug_labels import ASSAYS, TASKS
from moo.data._structures import structure

pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")

DELANEY = (
    "Compound ID", "ESOL predicted log solubility in mols per litre", "Minimum Degree",
    "Molecular Weight", "Number of H-Bond Donors", "Number of Rings", "Number of Rotatable Bonds",
    "Polar Surface Area", "measured log solubility in mols per litre", "smiles",
)  # fmt: skip
HEADERS = {
    "Lipophilicity.csv": ("CMPD_CHEMBLID", "exp", "smiles"),
    "delaney-processed.csv": DELANEY,
    "clintox.csv": ("smiles", "FDA_APPROVED", "CT_TOX"),
    "tox21.csv": (*ASSAYS, "mol_id", "smiles"),
}
ROWS = {
    "Lipophilicity.csv": [
        {"smiles": "OCC", "exp": "-0.3", "CMPD_CHEMBLID": "CHEMBL545"},
        {"smiles": "CCO", "exp": "-0.5"},
    ],
    "delaney-processed.csv": [
        {"smiles": "c1ccccc1", "measured log solubility in mols per litre": "-1.64",
         "Compound ID": "Benzene, pure"},
    ],
    "clintox.csv": [{"smiles": "CCO", "FDA_APPROVED": "1", "CT_TOX": "0"}],
    "tox21.csv": [
        {"smiles": "C1=CC=CC=C1", "SR-p53": "1.0", "NR-AR": "0.0", "mol_id": "TOX1"},
        {"smiles": "c1ccccc1", "NR-AR": "1.0", "SR-MMP": "0.0"},
        {"smiles": "c1ccccc1C(=O)O", "SR-p53": "0.0"},
        {"smiles": "C(C", "SR-p53": "1.0"},
    ],
}  # fmt: skip


def write(folder, files, *, opened=open):
    for name, rows in files.items():
        with opened(folder / name, "wt", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, HEADERS[name.removesuffix(".gz")], restval="")
            table.writeheader()
            table.writerows(rows)
    return folder


@pytest.fixture
def data(tmp_path):
    return load("molecules", write(tmp_path, ROWS))


def test_molecules_of_several_files_are_one(data):
    assert data.smiles.tolist() == ["CCO", "c1ccccc1", "O=C(O)c1ccccc1"]
    assert data.inchikeys[1] == "UHOVQNZJYSORNB-UHFFFAOYSA-N"  # benzene, as every data base says
    assert data.scaffolds.tolist() == ["", "c1ccccc1", "c1ccccc1"]
    measured = [{TASKS[t]: pytest.approx(float(row[t])) for t in np.flatnonzero(mask)}
                for row, mask in zip(data.labels, data.mask, strict=True)]  # fmt: skip
    assert measured == [
        {"logD74": -0.4, "CT_TOX": 0},  # the mean of two measurements
        {"logS": -1.64, "SR-p53": 1, "SR-MMP": 0},  # NR-AR is 0 in one row and 1 in the other
        {"SR-p53": 0},
    ]
    assert data.report == {"rows read": 8, "structures not read": 1, "classes that disagree": 1}


def test_what_is_computed_from_the_structure(data):
    assert data.fingerprints.shape == (3, 1024)
    # Benzene: the atom, and its neighbourhoods of one and two bonds, the same all around.
    assert data.fingerprints[1].sum() == 3
    found = dict(zip(data.descriptor_names, data.descriptors[0].tolist(), strict=True))
    assert found["mw"] == pytest.approx(2 * 12.011 + 6 * 1.008 + 15.999, abs=1e-3)
    assert [found[name] for name in ("hbd", "hba", "rotb")] == [1, 1, 0]
    assert found["tpsa"] == pytest.approx(20.23)  # of a hydroxyl group, Ertl et al. 2000


def test_files_may_be_packed_and_clinical_trials_may_be_missing(tmp_path):
    folder = tmp_path / "molecules"
    folder.mkdir()
    packed = {name: rows for name, rows in ROWS.items() if name != "clintox.csv"}
    write(folder, {f"{name}.gz": rows for name, rows in packed.items()}, opened=gzip.open)
    data = load("molecules", tmp_path)
    assert len(data) == 3
    assert not data.mask[:, TASKS.index("CT_TOX")].any()
    assert data.tasks == TASKS


@pytest.mark.parametrize("name", ["delaney-processed.csv", "tox21.csv"])
def test_a_missing_file_is_named(tmp_path, name):
    write(tmp_path, {other: rows for other, rows in ROWS.items() if other != name})
    with pytest.raises(DataError, match=name):
        load("molecules", tmp_path)


def test_an_empty_folder_asks_for_the_official_files(tmp_path):
    with pytest.raises(DataError, match=r"Lipophilicity\.csv\[\.xz\|\.gz\] is not in"):
        load("molecules", tmp_path)


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        ("tox21.csv", {"NR-AR": "2"}, "line 2, column 'NR-AR': 2 is not 0 or 1"),
        ("Lipophilicity.csv", {"exp": "high"}, "line 2, column 'exp': 'high' is not a finite"),
    ],
)
def test_bad_values_are_named(tmp_path, name, changed, message):
    files = ROWS | {name: [ROWS[name][0] | changed]}
    with pytest.raises(DataError, match=message):
        load("molecules", write(tmp_path, files))


def test_no_readable_structure_is_an_error(tmp_path):
    files = {name: [row | {"smiles": "C(C"} for row in rows[:1]] for name, rows in ROWS.items()}
    with pytest.raises(DataError, match="no structure of any file can be read"):
        load("molecules", write(tmp_path, files))


def as_files(data, rows):
    """The official files that would hold what was measured of some molecules."""
    value = {task: [str(data.labels[row, t]) if data.mask[row, t] else "" for row in rows]
             for t, task in enumerate(data.tasks)}  # fmt: skip
    smiles = data.smiles[rows].tolist()
    columns = {
        "Lipophilicity.csv": {"exp": value["logD74"]},
        "delaney-processed.csv": {DELANEY[-2]: value["logS"]},
        "clintox.csv": {"CT_TOX": value["CT_TOX"]},
        "tox21.csv": {name: value[name] for name in ASSAYS},
    }
    return {
        name: [
            dict(zip(("smiles", *found), one, strict=True))
            for one in zip(smiles, *found.values(), strict=True)
            if any(one[1:])
        ]
        for name, found in columns.items()
    }


def test_the_files_give_what_the_merged_table_holds(data_root, tmp_path):
    known = load("molecules", data_root)
    # Those that have both logD and an assay, and so are in several files.
    rows = np.flatnonzero(known.mask[:, 0] & known.mask[:, 2:].any(axis=1))[:120]
    found = load("molecules", write(tmp_path, as_files(known, rows)))
    assert found.inchikeys.tolist() == known.inchikeys[rows].tolist()
    assert found.smiles.tolist() == known.smiles[rows].tolist()
    assert found.scaffolds.tolist() == known.scaffolds[rows].tolist()
    np.testing.assert_array_equal(found.fingerprints, known.fingerprints[rows])
    np.testing.assert_array_equal(found.labels, known.labels[rows])
    np.testing.assert_array_equal(found.mask, known.mask[rows])
    # The table holds two to four decimals.
    digits = np.array([0.0051, 6e-4, 6e-4, 6e-5, 6e-4, 0, 0, 0])
    assert (np.abs(found.descriptors - known.descriptors[rows]) <= digits + 1e-6).all()


@pytest.mark.conformance
def test_every_structure_of_the_merged_table_is_computed_again(data_root):
    known = load("molecules", data_root)
    for row, smiles in enumerate(known.smiles):
        found = structure(smiles)
        assert found.smiles == smiles
        assert found.inchikey == known.inchikeys[row]
        assert found.scaffold == known.scaffolds[row]
        assert np.array_equal(found.fingerprint, known.fingerprints[row])
