"""Reading a local, possibly compressed file whole, with every fault a `DataError`."""

import codecs
import hashlib
import lzma
import zlib
from collections.abc import Sequence
from gzip import GzipFile
from io import BufferedReader
from lzma import LZMAFile
from pathlib import Path

from moo.data._error import DataError

SUFFIXES = ("", ".xz", ".gz")

# A few bytes can unpack to gigabytes; tables of text stay far below these two bounds.
_FREE_BYTES = 64 * 2**20
_LARGEST_RATIO = 200


def find_file(root: Path, folders: Sequence[str], name: str, hint: str) -> Path:
    """Return the file `name`, plain or compressed, in the root or one of its folders.

    Raises:
        DataError: if there is none; says where it was looked for and, in `hint`, where it is from.
    """
    places = [root, *(root / folder for folder in folders)]
    for place in places:
        for suffix in SUFFIXES:
            if (place / (name + suffix)).is_file():
                return place / (name + suffix)
    looked = " or ".join(map(str, places))
    raise DataError(f"{name}[.xz|.gz] is not in {looked}\n{hint}")


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file (.xz and .gz are unpacked).

    Raises:
        DataError: if it cannot be read, is truncated or corrupt, or unpacks to far more than a
            table would.
    """
    limit = _FREE_BYTES + _LARGEST_RATIO * _size(path)
    try:
        with _open(path) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if len(data) > limit:
        raise DataError(f"{path}: unpacks to more than {limit:,} bytes, which no table does")
    return data


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file (.xz and .gz are unpacked).

    Raises:
        DataError: if it cannot be read, is truncated or corrupt, unpacks to far more than a table
            would, is empty, starts with a byte order mark, or holds NUL or bad UTF-8 (with the
            line).
    """
    data = read_bytes(path)
    if not data:
        raise DataError(f"{path}: the file is empty")
    if data.startswith(codecs.BOM_UTF8):
        raise DataError(f"{path}: line 1: a byte order mark (BOM); save it as UTF-8 without one")
    nul = data.find(b"\0")
    if nul >= 0:
        raise DataError(f"{path}: line {_line(data, nul)}: a NUL byte")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: line {_line(data, error.start)}: not UTF-8 text ({error.reason})"
        ) from None


def checksum(paths: Sequence[Path]) -> str:
    """Return the sha256 of some files, as stored, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()


def _open(path: Path) -> GzipFile | LZMAFile | BufferedReader:
    if path.suffix == ".xz":
        return LZMAFile(path, "rb")
    return GzipFile(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
