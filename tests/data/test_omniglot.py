import numpy as np
import pytest

from moo.data import DataError, load

NAMES = np.array(["Greek/character01", "Latin/character01"])


@pytest.fixture
def folder(tmp_path):
    def write(**changed):
        ink = np.zeros((4, 28, 28), np.uint8)
        ink[:, 3, 5] = 1
        arrays = {
            "images": np.packbits(ink.reshape(4, -1), axis=1),
            "labels": np.array([0, 0, 1, 1], np.int16),
            "drawer": np.array([0, 1, 0, 1], np.int8),
            "class_names": NAMES,
        }
        np.savez(tmp_path / "omniglot28_small.npz", **(arrays | changed))
        return tmp_path

    return write


def test_images_are_unpacked(folder):
    data = load("omniglot", folder())
    assert np.argwhere(data.images).tolist() == [[row, 3, 5] for row in range(4)]
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert data.class_names == ("Greek/character01", "Latin/character01")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": np.zeros(3, np.int16)}, "arrays differ in length"),
        ({"class_names": NAMES[:1]}, r"labels must be in \[0, 1\)"),
        ({"images": np.zeros((4, 97), np.uint8)}, r"has the shape \(4, 97\)"),
        ({"class_names": NAMES.astype(object)}, "'class_names': is object, expected U"),
    ],
)
def test_other_files_are_refused(folder, changed, message):
    with pytest.raises(DataError, match=message):
        load("omniglot", folder(**changed))


def nearest_mean(episodes, ways):
    """Share of queries whose nearest class mean in pixels is that of their class."""
    count = len(episodes.support)
    shape = (count, ways, -1, 28 * 28)
    means = episodes.support.reshape(shape).mean(axis=2)
    query = episodes.query.reshape(count, 1, -1, 28 * 28)
    distance = ((query - means[:, :, None]) ** 2).sum(axis=-1)
    return (distance.argmin(axis=1) == episodes.query_labels).mean()


def test_real_data(data_root):
    data = load("omniglot", data_root)
    assert len(data) == 242 * 20
    np.testing.assert_array_equal(np.bincount(data.labels), 20)
    np.testing.assert_array_equal(np.bincount(data.drawers), 242)
    # Pixels alone are known to get .655 right after five examples; chance is .2.
    one, five = (nearest_mean(data.episodes(100, shots=shots, seed=1), 5) for shots in (1, 5))
    assert abs(five - 0.655) < 0.04
    assert 0.3 < one < five
