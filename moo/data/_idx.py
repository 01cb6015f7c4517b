"""A strict reader of idx files, the format of MNIST."""

import math
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_bytes
from moo.data._error import DataError

_UNSIGNED_BYTE = 8


class Digits(NamedTuple):
    """Grey images (n, height, width) uint8 and their classes (n,) uint8."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def read_digits(images: Path, labels: Path) -> Digits:
    """Read a pair of idx files (plain, .gz or .xz) of images and of classes 0 to 9.

    Raises:
        DataError: for a file that cannot be read, is no idx file of bytes, holds more or less than
            its header promises, or does not fit the other.
    """
    digits = Digits(_read(images, axes=3), _read(labels, axes=1))
    if len(digits.images) != len(digits.labels):
        raise DataError(
            f"{labels}: {len(digits.labels)} labels of the {len(digits.images)} images in {images}"
        )
    if (bad := digits.labels > 9).any():
        row = int(np.argmax(bad))
        raise DataError(f"{labels}: item {row}: {digits.labels[row]} is outside [0, 9]")
    return digits


def _read(path: Path, axes: int) -> NDArray[np.uint8]:
    data = read_bytes(path)
    start = 4 + 4 * axes
    if len(data) < start or data[:4] != bytes([0, 0, _UNSIGNED_BYTE, axes]):
        raise DataError(f"{path}: is no idx file of bytes with {axes} axes")
    shape = struct.unpack(f">{axes}I", data[4:start])
    size = math.prod(shape)
    if size == 0 or len(data) - start != size:
        raise DataError(
            f"{path}: holds {len(data) - start:,} bytes, its header promises {size:,} ({shape})"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
