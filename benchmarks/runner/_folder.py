"""The folder of a cell, and how one knows that it is finished and whole.

`summary.json` is written last, and holds the sha256 of every other file but one: `timing.jsonl`,
which a clock decides, keeps its own checksums and ends in a count of its lines. So two runs of a
cell in one environment leave the same bytes everywhere else.
"""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.runner import _journal
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._journal import DamagedError
from moo._files import write_atomically

SUMMARY, TIMING = "summary.json", "timing.jsonl"
_LOCK = ".lock"


class BusyError(RuntimeError):
    """Another runner holds this folder."""


def folder(root: Path, cell: Cell) -> Path:
    """Return where a cell lies under the folder of a sweep."""
    return root / "cells" / cell.address


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a folder against other runners; made if it is not there.

    The lock is the system's and ends with the process that holds it, however it ends.

    Raises:
        BusyError: if somebody else holds it.
    """
    path.mkdir(parents=True, exist_ok=True)
    with (path / _LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{path} is held by another runner") from error
        yield


def clear(path: Path) -> None:
    """Remove what an unfinished run left in a folder, but for its lock."""
    for file in path.iterdir():
        if file.name != _LOCK:
            file.unlink()


def tidy(path: Path) -> None:
    """Remove half-written files, which only a killed run leaves."""
    for file in path.glob(".*.part"):
        file.unlink()


def is_finished(path: Path) -> bool:
    """Whether the folder has a summary; `verify` says whether all of it is whole."""
    return (path / SUMMARY).exists()


def start(path: Path, cell: Cell, environment: Mapping[str, Any]) -> None:
    """Write what is known before the run: the configuration and the environment."""
    write(path / "config.json", cell.json.encode() + b"\n")
    described = dict(environment) | {"config": cell.address}
    write(path / "env.json", canonical(described).encode() + b"\n")


def finish(path: Path, facts: Mapping[str, Any]) -> None:
    """Close the journal of times and write the summary, which makes the cell a finished one.

    Args:
        path: the cell's folder, all of whose other files are on disk.
        facts: what the summary says of the run.
    """
    lines = len(_journal.read(path / TIMING).records) if (path / TIMING).exists() else 0
    _journal.append(path / TIMING, {"event": "end", "lines": lines})
    summary = dict(facts) | {"address": path.name, "files": _checksums(path)}
    summary["sha256"] = _digest(summary)
    write_atomically(path / SUMMARY, canonical(summary).encode() + b"\n")


def summary(path: Path) -> dict[str, Any]:
    """Read the summary of a finished cell.

    Raises:
        DamagedError: if it is not as it was written.
    """
    content = (path / SUMMARY).read_bytes()
    try:
        found = json.loads(content)
        digest = found.pop("sha256")
        whole = digest == _digest(found) and found["address"] == path.name
        whole = whole and content == canonical(found | {"sha256": digest}).encode() + b"\n"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{path / SUMMARY} is damaged: {error}") from error
    if not whole:
        raise DamagedError(f"{path / SUMMARY} is damaged: its sha256 does not hold")
    return found


def verify(path: Path) -> dict[str, Any]:
    """Check every bit of a finished cell.

    Returns:
        Its summary.

    Raises:
        DamagedError: if a file is missing, unknown or not as it was written; the message names it.
    """
    found = summary(path)
    stored, expected = _checksums(path), found["files"]
    for name in sorted(stored.keys() | expected.keys()):
        if name not in stored:
            raise DamagedError(f"{path / name} is missing")
        if name not in expected:
            raise DamagedError(f"{path / name} is not part of the cell")
        if stored[name] != expected[name]:
            raise DamagedError(f"{path / name} is damaged: its sha256 does not hold")
    config = (path / "config.json").read_bytes().removesuffix(b"\n")
    if hashlib.sha256(config).hexdigest() != path.name:
        raise DamagedError(f"{path / 'config.json'} is not the configuration of {path.name}")
    _verify_timing(path / TIMING)
    return found


def write(path: Path, content: bytes) -> None:
    """Write a file of an unfinished cell and wait until it is on disk.

    It need not be atomic: only the summary, which comes later, makes it count.
    """
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _verify_timing(path: Path) -> None:
    if not path.exists():
        raise DamagedError(f"{path} is missing")
    found = _journal.read(path)
    end = {"event": "end", "lines": len(found.records) - 1}
    if found.cut or not found.records or found.records[-1] != end:
        raise DamagedError(f"{path} is damaged: it does not end as it was written")


def _checksums(path: Path) -> dict[str, str]:
    """Return the sha256 of the files that the summary answers for."""
    files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.name not in (SUMMARY, TIMING)
    }


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(facts).encode()).hexdigest()
