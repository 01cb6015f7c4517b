"""Event files for TensorBoard, written without it: scalars only."""

import functools
import struct
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

from benchmarks.reports._compare import Comparison
from benchmarks.reports._links import cells_link
from benchmarks.reports._read import Run
from moo._files import write_atomically

_NAME = "events.out.tfevents.0.moo"  # TensorBoard knows them by "tfevents"
_POLYNOMIAL = 0x82F63B78  # Castagnoli's, bits reversed


def write_events(found: Sequence[Comparison], folder: Path) -> list[Path]:
    """Write the metrics on the way of every chosen run, a folder a run.

    The times in the files are 0, so that equal runs give equal bytes: look at steps.

    Args:
        found: comparisons.
        folder: what `tensorboard --logdir` is given.

    Returns:
        The files.
    """
    written = []
    for one in found:
        names = [scores.metric.name for scores in one.scores]
        for method, problem in product(one.methods, one.problems):
            for run in one.tried[method, problem].runs:
                place = folder / cells_link(one, method, problem) / f"seed{run.cell.seed}"
                place.mkdir(parents=True, exist_ok=True)
                written.append(write_atomically(place / _NAME, _file(run, names)))
    return written


def _file(run: Run, names: Iterable[str]) -> bytes:
    head = _field(3, b"brain.Event:2")
    rows = run.rows()
    events = [
        _event(row["step"], name, row[name])
        for row in rows
        for name in names
        if row.get("step") is not None and row.get(name) is not None
    ]
    return b"".join(map(record, [head, *events]))


def _event(step: int, name: str, number: float) -> bytes:
    """Return an Event of one scalar: step is its field 2, summary its field 5."""
    value = _field(1, name.encode()) + b"\x15" + struct.pack("<f", number)
    return b"\x10" + _varint(step) + _field(5, _field(1, value))


def record(content: bytes) -> bytes:
    """Return a record of a TFRecord file: length, content, and the checksum of each."""
    length = struct.pack("<Q", len(content))
    return length + _masked(length) + content + _masked(content)


def crc32c(content: bytes) -> int:
    """Return Castagnoli's CRC-32.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    table, crc = _table(), 0xFFFFFFFF
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


@functools.cache
def _table() -> tuple[int, ...]:
    def entry(crc: int) -> int:
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        return crc

    return tuple(map(entry, range(256)))


def _masked(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _field(number: int, content: bytes) -> bytes:
    """Return a field of bytes, as protocol buffers write it."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
