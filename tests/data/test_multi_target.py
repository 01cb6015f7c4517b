import numpy as np
import pytest

from moo.data import DataError, load
from moo.data._multi_target import TABLES

TEXT = """@relation flares
@attribute class {A,B}
@attribute spots numeric
@attribute c numeric
@attribute m numeric
@attribute x numeric
@data
A,1,0,0,1
B,?,2,0,0
B,5,0,1,0
"""


@pytest.fixture
def folder(tmp_path):
    def write(text=TEXT):
        (tmp_path / "sf2.arff").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_features_and_targets(folder):
    data = load("multi_target", folder(), table="sf2")
    assert data.feature_names == ("class=A", "class=B", "spots")
    assert data.target_names == ("c", "m", "x")
    assert data.features.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 5]]
    assert np.argwhere(data.missing).tolist() == [[1, 2]]
    assert data.targets.tolist() == [[0, 0, 1], [2, 0, 0], [0, 1, 0]]
    assert dict(data.report) == {"rows read": 3, "missing features, set to 0": 1}
    assert {data.features.dtype, data.targets.dtype} == {np.dtype(np.float32)}


def test_standardize_uses_what_is_not_missing_in_training(folder):
    data = load("multi_target", folder(), table="sf2")
    scaled = data.standardize(data.take([0, 2]))
    # Spots are 1 and 5 there: mean 3, deviation 2; the missing one becomes the mean.
    assert scaled.features[:, 2].tolist() == [-1, 0, 1]
    # Target c is constant there and only shifted.
    assert scaled.targets[:, 0].tolist() == [0, 2, 0]


def test_parts_are_disjoint(folder):
    parts = load("multi_target", folder(), table="sf2").split_at_random((0.67, 0.33), seed=4)
    assert sorted(row for part in parts for row in part.features[:, 2]) == [0, 1, 5]


def test_refusals(folder):
    with pytest.raises(DataError, match="row 2 below @data: a target is missing"):
        load("multi_target", folder(TEXT.replace("2,0,0", "2,?,0")), table="sf2")
    short = "@relation r\n@attribute a real\n@attribute b real\n@data\n1,2\n"
    with pytest.raises(DataError, match="2 attributes, 3 of them are targets"):
        load("multi_target", folder(short), table="sf2")
    with pytest.raises(ValueError, match="unknown table 'sf3'; did you mean sf2"):
        load("multi_target", folder(), table="sf3")


def test_real_data(data_root):
    tables = {name: load("multi_target", data_root, table=name) for name in TABLES}
    assert {name: (len(data), data.targets.shape[1]) for name, data in tables.items()} == {
        "edm": (154, 2),
        "enb": (768, 2),
        "jura": (359, 3),
        "scpf": (1_137, 3),
        "sf2": (1_066, 3),
        "slump": (103, 3),
        "wq": (1_060, 14),
    }
    assert tables["jura"].target_names == ("Cd", "Co", "Cu")
    assert [name for name, data in tables.items() if data.missing.any()] == ["scpf"]
