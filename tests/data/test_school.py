import numpy as np
import pytest
from scipy.io import savemat

from moo.data import DataError, _school, load


def cells(*arrays):
    found = np.empty((1, len(arrays)), object)
    found[0] = [*arrays, None][:-1]
    return found


X = cells(np.ones((3, 2), np.uint8), np.arange(4.0).reshape(2, 2))
Y = cells(np.array([[1], [2], [3]]), np.array([[4.5], [5]]))


@pytest.fixture
def folder(tmp_path):
    def write(compressed=True, **changed):
        path = tmp_path / "school.mat"
        savemat(path, {"X": X, "Y": Y} | changed, do_compression=compressed)
        return tmp_path

    return write


@pytest.mark.parametrize("compressed", [True, False])
def test_tasks(folder, compressed):
    tasks = load("school", folder(compressed))
    assert tasks.lengths.tolist() == [3, 2]
    assert tasks.targets.tolist() == [[1, 2, 3], [4.5, 5, 0]]
    assert tasks.features[1].tolist() == [[0, 1], [2, 3], [0, 0]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"X": np.ones((3, 2))}, "there is no cell array 'X'"),
        ({"Y": cells(Y[0, 0])}, "2 tasks in X, 1 in Y"),
        ({"Y": cells(Y[0, 1], Y[0, 1])}, r"task 0: X \(3, 2\) and Y \(2, 1\) do not fit"),
        ({"X": cells(X[0, 0], np.ones((2, 3)))}, r"task 1: X \(2, 3\) and Y \(2, 1\) do not fit"),
        ({"X": cells(X[0, 0], np.array([["a"]]))}, "task 1: X is no matrix of numbers"),
        ({"X": cells(X[0, 0], np.full((2, 2), np.nan))}, "task 1: X holds a number that is not"),
    ],
)
def test_bad_cells_are_named(folder, changed, message):
    with pytest.raises(DataError, match=r"school\.mat: " + message):
        load("school", folder(**changed))


def test_sizes_are_checked_before_unpacking(folder, monkeypatch):
    root = folder()
    monkeypatch.setattr(_school, "_MOST_BYTES", 100)
    with pytest.raises(DataError, match="unpacks to more than 100 bytes"):
        load("school", root)


def test_damaged_files_are_data_errors(folder):
    root = folder()
    path = root / "school.mat"
    whole = path.read_bytes()
    for content in (
        b"",
        b"x" * 200,
        whole[:100],
        whole[:200],
        whole[:130] + bytes(len(whole) - 130),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"school\.mat: "):
            load("school", root)


def test_real_data(data_root):
    tasks = load("school", data_root)
    assert (len(tasks), tasks.lengths.sum(), tasks.features.shape[2]) == (139, 15_362, 28)
    assert (tasks.lengths.min(), tasks.lengths.max()) == (22, 251)
    inside = tasks.features[tasks.mask]
    assert set(np.unique(np.delete(inside, (3, 4), axis=1))) == {0, 1}
    assert (inside[:, -1] == 1).all()
