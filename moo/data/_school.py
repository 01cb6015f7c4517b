"""Loader of School: examination scores of pupils in 139 schools, one regression a school."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_bytes
from moo.data._error import DataError
from moo.data._source import find_source, provenance
from moo.data._task_set import TaskSet, pad

_NAME = "school"
_HEADER = 128
_COMPRESSED = 15
_MOST_BYTES = 2**28


def school(root: Path) -> TaskSet:
    """Read the ILEA School data: 15,362 pupils of 139 secondary schools, 28 features.

    Each school is a task: regress a pupil's examination score (1 to 70) on the year, gender, the
    band of verbal reasoning, ethnic group, and on what is known of the school. Columns 4 and 5
    are percentages, all others 0 or 1, the last a constant 1. Schools have 22 to 251 pupils.

    Args:
        root: folder that holds school.mat (MATLAB 5, cells X and Y), or whose folder `school`
            does.

    Returns:
        The tasks, in the file's order. The usual split is 75 % and 25 % within each school.

    Raises:
        DataError: for a missing file, one that unpacks to over 256 MiB, or cells that do not hold
            what is promised, with the task.

    Source: Inner London Education Authority, through Argyriou et al., Multi-Task Feature Learning,
    NIPS 2006. A survey without a licence: for research.
    """
    path = find_source(_NAME, root, (_NAME,), "school.mat")
    cells = _cells(path)
    features = [_matrix(path, "X", task, cell) for task, cell in enumerate(cells["X"])]
    targets = [_matrix(path, "Y", task, cell) for task, cell in enumerate(cells["Y"])]
    for task, (rows, goals) in enumerate(zip(features, targets, strict=True)):
        if rows.shape[1] != features[0].shape[1] or goals.shape != (len(rows), 1):
            found = f"X {rows.shape} and Y {goals.shape}"
            raise DataError(f"{path}: task {task}: {found} do not fit")
    report = {"rows read": sum(map(len, features))}
    arrays = pad(features, [goals[:, 0] for goals in targets])
    return TaskSet(name=_NAME, **arrays, **provenance(_NAME, [path], report))


def _cells(path: Path) -> dict[str, NDArray[Any]]:
    """Return the cells X and Y, each an object array (T,)."""
    from scipy.io import loadmat

    data = read_bytes(path)
    _check_size(path, data)
    try:
        found = loadmat(io.BytesIO(data), variable_names=["X", "Y"])
    # On damaged bytes scipy raises whatever its parser stumbles over.
    except Exception as error:  # noqa: BLE001
        raise DataError(f"{path}: cannot be read: {error}") from None
    for name in ("X", "Y"):
        if name not in found or found[name].dtype != object or found[name].size == 0:
            raise DataError(f"{path}: there is no cell array {name!r}")
    if found["X"].size != found["Y"].size:
        raise DataError(f"{path}: {found['X'].size} tasks in X, {found['Y'].size} in Y")
    return {name: found[name].ravel() for name in ("X", "Y")}


def _check_size(path: Path, data: bytes) -> None:
    """Raise unless the file is of MATLAB 5 and its packed elements stay within the bound."""
    if len(data) < _HEADER or data[_HEADER - 2 : _HEADER] not in (b"IM", b"MI"):
        raise DataError(f"{path}: is no MATLAB 5 file")
    order = "<" if data[_HEADER - 2 : _HEADER] == b"IM" else ">"
    start, total = _HEADER, 0
    while start + 8 <= len(data):
        kind, size = struct.unpack(f"{order}II", data[start : start + 8])
        total += _length(path, start, data[start + 8 : start + 8 + size], kind == _COMPRESSED)
        if total > _MOST_BYTES:
            raise DataError(f"{path}: unpacks to more than {_MOST_BYTES:,} bytes")
        start += 8 + size


def _length(path: Path, start: int, element: bytes, compressed: bool) -> int:
    """Return how long an element is, unpacked no further than the bound."""
    if not compressed:
        return len(element)
    try:
        return len(zlib.decompressobj().decompress(element, _MOST_BYTES + 1))
    except zlib.error as error:
        raise DataError(f"{path}: byte {start}: cannot be unpacked: {error}") from None


def _matrix(path: Path, name: str, task: int, cell: Any) -> NDArray[np.float32]:
    array = np.asarray(cell)
    if array.dtype.kind not in "uif" or array.ndim != 2 or array.size == 0:
        raise DataError(f"{path}: task {task}: {name} is no matrix of numbers")
    matrix = array.astype(np.float32)
    if not np.isfinite(matrix).all():
        raise DataError(f"{path}: task {task}: {name} holds a number that is not finite")
    return matrix
