"""The command: `python -m benchmarks run speed [--check] [--only ROW ...] [--out FOLDER]`."""

import argparse
import math
import sys
from pathlib import Path

from benchmarks.speed._bars import Verdict, verdicts
from benchmarks.speed._rows import ROWS

SUITE = "speed"
_SHORT, _USAGE = 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this suite to those of `run`."""
    group = parser.add_argument_group("speed", "options of the suite speed")
    group.add_argument("--only", nargs="+", metavar="ROW", help=f"of {', '.join(ROWS)}")
    group.add_argument("--check", action="store_true", help="exit with 1 if a bar falls short")
    group.add_argument("--again", action="store_true", help="repeat rows measured before")
    group.add_argument("--page", action="store_true", help="measure nothing, write the page anew")
    group.add_argument(
        "--python", metavar="FILE",
        help="an interpreter with the peers (default: an environment made in the user's cache)",
    )  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Measure the rows, write the page, and return the exit code.

    Returns:
        0; 1 with `--check` if a bar of these rows falls short; 2 if the request is not understood
        or the environment cannot be made.
    """
    from benchmarks.speed._environment import InstallError, prepare

    wrong = _wrong(given)
    if wrong:
        print(f"error: {wrong}", file=sys.stderr)
        return _USAGE
    rows, folder = tuple(given.only or ROWS), given.out or Path("runs") / SUITE
    try:
        if not given.page:
            from benchmarks.speed._run import run_rows

            python = given.python or prepare()
            run_rows(folder, rows, python, small=given.scale == "smoke", again=given.again)
    except (InstallError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _USAGE
    return _report(folder, rows, check=given.check)


def _wrong(given: argparse.Namespace) -> str:
    unknown = [row for row in given.only or () if row not in ROWS]
    if unknown:
        return f"no row is called {unknown[0]}: give some of {', '.join(ROWS)}"
    if given.scale not in (None, "smoke", "full"):
        return f"--scale of speed must be smoke or full, got {given.scale}"
    return ""


def _report(folder: Path, rows: tuple[str, ...], *, check: bool) -> int:
    from benchmarks.speed._page import write_page
    from benchmarks.speed._run import stored

    found = stored(folder)
    print(write_page(found, folder))
    short = [verdict for verdict in verdicts(found, rows) if not verdict.held]
    if not check:
        return 0
    print("\n".join(map(_line, short)) if short else "every bar is reached")
    return _SHORT if short else 0


def _line(verdict: Verdict) -> str:
    bar = verdict.bar
    if math.isnan(verdict.value):
        return f"not measured: {bar.row}, {bar.what}, must be {bar.asked}"
    floor = f", {verdict.at_floor} at its floor" if verdict.at_floor else ""
    return f"short: {bar.row}, {bar.what}: {verdict.measured}, must be {bar.asked}{floor}"
