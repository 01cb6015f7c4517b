"""Measure one row in this process: `python -m benchmarks.speed._measure ROW FILE [--small]`."""

import argparse
import datetime
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.speed import _peers
from benchmarks.speed._alternate import cores
from benchmarks.speed._figures import FIGURES
from benchmarks.speed._rows import ROWS


def measure(row: str, small: bool) -> dict[str, Any]:
    """Return a row's result with its seconds; where a peer is not installed, the reason."""
    lacking = _peers.absent(*ROWS[row].peers)
    if lacking:
        return {"skipped": f"not installed: {', '.join(lacking)}"}
    function = getattr(importlib.import_module(f"benchmarks.speed.{row}"), row)
    started = time.perf_counter()
    found = function(**(ROWS[row].small if small else {}))
    found = FIGURES[row](found) if row in FIGURES else found
    return {**found, "seconds": time.perf_counter() - started, "facts": facts()}


def facts() -> dict[str, Any]:
    """Return what the page says of this process."""
    from benchmarks.runner._environment import environment

    known = environment()
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": _machine(),
        "versions": {**known["versions"], **_peers.versions()},
        "device": known["device"],
        "settings": known["settings"],
        "cores": cores(),
    }


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (OSError, StopIteration, ValueError):
        return platform.machine()
    return f"{model}, {memory:.0f} GiB of memory"


def main() -> int:
    """Measure the row that the command line names, and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed._measure")
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    found = measure(given.row, given.small)
    given.file.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
