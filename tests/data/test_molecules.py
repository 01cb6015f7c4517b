import numpy as np
import pytest

from moo.data import DataError, Molecules

SCAFFOLDS = np.array(["", "ring", "", "pair", "ring", "", "", "last"], object)


def make(**changed):
    rows = len(SCAFFOLDS)
    names = np.array([f"M{row}" for row in range(rows)], object)
    arrays = {
        "inchikeys": names,
        "smiles": names,
        "scaffolds": SCAFFOLDS,
        "fingerprints": np.eye(rows, 16, dtype=np.uint8),
        "descriptors": np.zeros((rows, 1), np.float32),
        "labels": np.zeros((rows, 2), np.float32),
        "mask": np.zeros((rows, 2), bool),
    }
    return Molecules(
        name="few",
        descriptor_names=("mw",),
        tasks=("logS", "CT_TOX"),
        kinds=("regression", "classification"),
        **(arrays | changed),
    )


def test_scaffolds_stay_whole():
    parts = make().split_by_scaffold((0.75, 0.125, 0.125))
    assert [part.smiles.tolist() for part in parts] == [
        ["M0", "M1", "M2", "M4", "M5", "M6"],
        ["M7"],
        ["M3"],
    ]
    for part in parts:
        rows = [int(name[1:]) for name in part.inchikeys]
        np.testing.assert_array_equal(part.fingerprints, np.eye(8, 16)[rows])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": np.ones((8, 2), np.float32)}, "a label that was not measured is not 0"),
        ({"mask": np.zeros((8, 3), bool)}, r"labels \(8, 2\), mask \(8, 3\) and 2 tasks do not"),
        ({"labels": np.full((8, 2), np.nan, np.float32)}, "labels holds a number that is not"),
        ({"smiles": np.array(["C"], object)}, "arrays differ in length"),
    ],
)
def test_arrays_that_do_not_fit(changed, message):
    with pytest.raises(DataError, match="few: " + message):
        make(**changed)
