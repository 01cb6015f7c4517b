"""Stored cells: every bit of them checked before a number is believed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.runner import Cell, DamagedError, verify
from benchmarks.runner._cell import canonical
from benchmarks.runner._journal import read as read_journal

TEST = "test.json"


class DataError(ValueError):
    """A folder does not hold what a report can be made from."""


class Run(NamedTuple):
    """One finished cell.

    Attributes:
        cell: its configuration.
        path: its folder.
        failed: whether it met a number that is not finite: all its metrics count as failed.
        reason: why it failed, or "".
        final: the metrics that it is judged by, and the step that they are of: on validation data
            the row of the least geometric mean of losses, else the last one.
        environment: versions, device, settings and commit, as canonical JSON.
        data: checksum of the data set's files; "" where none were read.
    """

    cell: Cell
    path: Path
    failed: bool
    reason: str
    final: Mapping[str, Any]
    environment: str
    data: str = ""

    @property
    def tested(self) -> bool:
        """Whether there are metrics on test data."""
        return (self.path / TEST).exists()

    def test(self) -> dict[str, Any] | None:
        """Read the metrics on test data; None where there are none.

        Only the trial that validation chose may be asked.
        """
        return json.loads((self.path / TEST).read_bytes()) if self.tested else None

    def rows(self) -> list[dict[str, Any]]:
        """Read the rows of metrics that were recorded on the way."""
        return read_journal(self.path / "metrics.jsonl").records

    def times(self) -> list[dict[str, Any]]:
        """Read what a clock said."""
        return read_journal(self.path / "timing.jsonl").records


class Stored(NamedTuple):
    """What the folder of a sweep holds.

    Attributes:
        runs: finished cells, by address.
        unfinished: addresses of cells that were begun and not finished.
        damaged: address and fault of those that are not as they were written.
        first_seed: finished cells of lesser seeds are not among the runs.
    """

    runs: list[Run]
    unfinished: list[str]
    damaged: list[tuple[str, str]]
    first_seed: int = 0


def read(folder: Path, first_seed: int = 0) -> Stored:
    """Read a sweep's folder; every finished cell is verified.

    Args:
        folder: where `python -m benchmarks run` wrote to.
        first_seed: finished cells of lesser seeds are left out, after they were verified.

    Raises:
        DataError: if it holds no cell at all.
    """
    addresses = sorted(path.name for path in (folder / "cells").glob("*") if path.is_dir())
    if not addresses:
        raise DataError(f"{folder} holds no cells: give the folder that a sweep wrote to")
    found = Stored([], [], [])
    for address in addresses:
        path = folder / "cells" / address
        if not (path / "summary.json").exists():
            found.unfinished.append(address)
            continue
        try:
            found.runs.append(_run(path))
        except (DamagedError, ValueError, KeyError, OSError) as error:
            said = str(error).replace(f"{path}/", "")  # the same wherever the folder lies
            found.damaged.append((address, said))
    later = [run for run in found.runs if run.cell.seed >= first_seed]
    return found._replace(runs=later, first_seed=first_seed)


def _run(path: Path) -> Run:
    summary = verify(path)
    cell = Cell.from_json((path / "config.json").read_text(encoding="utf-8"))
    environment = json.loads((path / "env.json").read_bytes())
    del environment["config"]
    data = environment.pop("data", "")
    failed, reason = summary["status"] != "done", summary["reason"] or ""
    return Run(cell, path, failed, reason, summary["final"], canonical(environment), data)
