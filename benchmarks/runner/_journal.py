"""Append-only files of JSON lines, each with its own checksum.

A line is a JSON object whose first entry is the CRC-32 of the rest::

    {"crc":"2f1a5c07","step":0,"loss":1.5}

A process that is killed while it appends leaves a last line without its newline. That is the one
damage that is repaired: the line is cut off, and its length reported. All else is an error.
"""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.runner._cell import canonical

_HEAD = len('{"crc":"00000000",')


class DamagedError(ValueError):
    """A stored file does not hold what was written to it."""


class Journal(NamedTuple):
    """What a journal holds.

    Attributes:
        records: its complete lines.
        cut: bytes of an incomplete last line, which are no part of the records.
    """

    records: list[dict[str, Any]]
    cut: int


def encode(record: Mapping[str, Any]) -> bytes:
    r"""Return the line of a record, newline included.

    Raises:
        TypeError: if JSON does not hold a value.
        ValueError: if a number is not finite, or the record is empty or has an entry `crc`.

    Example:
        >>> encode({"step": 0})
        b'{"crc":"03289e67","step":0}\n'
    """
    if not record or "crc" in record:
        raise ValueError(f"a record has entries, none of them named crc; got {dict(record)}")
    body = canonical(record)[1:]
    return f'{{"crc":"{_crc(body)}",{body}\n'.encode()


def append(path: Path, *records: Mapping[str, Any]) -> None:
    """Append records and wait until they are on disk: all of them, or none.

    Args:
        path: the journal, whose last line must be complete (see `repair`); made if it is not there.
        *records: mappings that JSON can hold.

    Raises:
        OSError: if they cannot be written; what was there before stays.
    """
    lines = b"".join(map(encode, records))
    # Unbuffered: a buffer would try again on closing, behind what has been taken back.
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), before)
            raise


def read(path: Path) -> Journal:
    """Read a journal and leave it as it is.

    Raises:
        DamagedError: if a complete line does not have its checksum.
    """
    *lines, tail = path.read_bytes().split(b"\n")
    records = [_decode(line, f"{path}:{n}") for n, line in enumerate(lines, start=1)]
    return Journal(records, len(tail))


def repair(path: Path, keep: int | None = None) -> Journal:
    """Read a journal and cut off an incomplete last line.

    Args:
        path: the journal; one that is not there is empty.
        keep: cut off all but the first so many records too: those written after a checkpoint.

    Returns:
        The records that stay, and how many bytes of an incomplete line were cut.

    Raises:
        DamagedError: if a complete line does not have its checksum, or fewer than `keep` are left.
    """
    found = read(path) if path.exists() else Journal([], 0)
    records = found.records[:keep]
    if keep is not None and len(records) < keep:
        raise DamagedError(f"{path} holds {len(records)} records where {keep} were written")
    if found.cut or len(records) < len(found.records):
        with path.open("r+b") as file:
            file.truncate(sum(len(encode(record)) for record in records))
            os.fsync(file.fileno())
    return Journal(records, found.cut)


def _decode(line: bytes, where: str) -> dict[str, Any]:
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError as error:
        raise DamagedError(f"{where}: damaged, not ASCII") from error
    body = text[_HEAD:]
    if text[:_HEAD] != f'{{"crc":"{_crc(body)}",':
        raise DamagedError(f"{where}: damaged, its checksum does not hold")
    record: dict[str, Any] = json.loads("{" + body)
    return record


def _crc(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
