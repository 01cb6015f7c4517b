"""`python -m benchmarks faults`: harm runs on purpose, and see whether they survive it."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.faults._catalogue import FAULTS, find

_USAGE, _BROKEN = 2, 4


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command `faults`."""
    faults = commands.add_parser("faults", help="kills, full disks, flipped bits: runs survive?")
    faults.add_argument("name", choices=(*FAULTS, "all"), help="which fault")
    counts = ", ".join(f"{name} {fault.times or 'every byte'}" for name, fault in FAULTS.items())
    faults.add_argument(
        "--count", type=int, help=f"how many, or how many a file (default {counts})"
    )
    faults.add_argument("--seed", type=int, default=0, help="of instants, bits and orders")
    faults.add_argument("--scratch", type=Path, help="where to make a temporary folder")
    faults.add_argument("--keep", action="store_true", help="leave the temporary folder")


def run(given: argparse.Namespace) -> int:
    """Do the faults that the command line names: 0 if all were survived, 4 if not, 2 if asked ill.

    The package must not be edited meanwhile: runs of other code give other bytes, as they should.
    """
    if given.count is not None and given.count < 0:
        print(f"error: --count must be at least 0, got {given.count}", file=sys.stderr)
        return _USAGE
    names = FAULTS if given.name == "all" else (given.name,)
    survived = [_survived(name, given) for name in names]  # the others, even where one is not
    return 0 if all(survived) else _BROKEN


def _survived(name: str, given: argparse.Namespace) -> bool:
    from rich.console import Console

    from benchmarks.faults._finding import Plan, tell

    times = FAULTS[name].times if given.count is None else given.count
    scratch = Path(tempfile.mkdtemp(prefix=f"moo-{name}-", dir=given.scratch))
    started = time.monotonic()
    try:
        findings = list(find(name, Plan(times, scratch, given.seed)))
    finally:
        if not given.keep:
            shutil.rmtree(scratch)
    kept = f"; all of it is in {scratch}" if given.keep else ""
    note = f"seed {given.seed}, {time.monotonic() - started:.0f} s{kept}"
    return tell(name, findings, Console(), note)
