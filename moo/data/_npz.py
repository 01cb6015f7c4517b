"""A strict reader of npz files: nothing is unpacked before its header says what and how much."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from moo.data._error import DataError

_MOST_BYTES = 2**30
_FAULTS = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Layout(NamedTuple):
    """What an array must be: a dtype (or its kind, `"U"`), and lengths where they are fixed."""

    dtype: str
    shape: tuple[int | None, ...]


def read_npz(path: Path, layouts: Mapping[str, Layout]) -> dict[str, NDArray[Any]]:
    """Read exactly the arrays of `layouts`.

    Raises:
        DataError: for a file that cannot be read, is truncated or corrupt, holds other arrays, or
            one of another dtype or shape, of pickled objects, or of more than a gigabyte.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name.removesuffix(".npy") for name in archive.namelist())
            if names != sorted(layouts):
                raise DataError(f"{path}: holds {names}, expected {sorted(layouts)}")
            return {
                name: _read(archive, name, layout, f"{path}: array {name!r}")
                for name, layout in layouts.items()
            }
    except DataError:
        raise
    except _FAULTS as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def _read(archive: zipfile.ZipFile, name: str, layout: Layout, where: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as file:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_column, dtype = read_header(file)
        _check(where, layout, shape, dtype)
        if by_column:
            raise DataError(f"{where}: is stored by columns, expected rows")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if size > _MOST_BYTES:
            raise DataError(f"{where}: {size:,} bytes, expected at most {_MOST_BYTES:,}")
        data = file.read(size + 1)
    if len(data) != size:
        raise DataError(f"{where}: holds {len(data):,} bytes, its header promises {size:,}")
    return np.frombuffer(data, dtype).reshape(shape)


def _check(where: str, layout: Layout, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if layout.dtype not in (dtype.kind, dtype.name):
        raise DataError(f"{where}: is {dtype}, expected {layout.dtype}")
    fits = len(shape) == len(layout.shape) and all(
        wanted in (None, length) for wanted, length in zip(layout.shape, shape, strict=True)
    )
    if not fits:
        raise DataError(f"{where}: has the shape {shape}, expected {layout.shape}")
