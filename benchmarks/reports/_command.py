"""`python -m benchmarks report`: what stored cells say."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.reports import Comparison, Stored


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command `report`."""
    report = commands.add_parser("report", help="a sweep's results, from its stored cells only")
    report.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a sweep")
    report.add_argument(
        "--out", type=Path, help="folder to write to (default FOLDER/report; README: the file)"
    )
    report.add_argument("--no-times", action="store_true", help="leave out what a clock decides")
    report.add_argument("--suite", help="the .toml file of a suite that is not the package's")
    report.add_argument("--tensorboard", type=Path, metavar="DIR", help="write event files too")
    report.add_argument(
        "--readme", action="store_true",
        help="in place of a report, the leaderboards of all folders as sections of "
             "benchmarks/README.md, whose other sections stay",
    )  # fmt: skip
    report.add_argument(
        "--results", action="store_true",
        help="in place of a report, a page for the repository, with figures and cells' hashes",
    )  # fmt: skip
    report.add_argument(
        "--first-seed", type=int, default=0, metavar="N",
        help="leave out seeds below N, such as those by which a method was chosen",
    )  # fmt: skip
    report.add_argument("--date", help="of a page's results (default: the newest cell's)")


def run(given: argparse.Namespace) -> int:
    """Write what the command line asks for.

    Returns:
        0; 2 if the folders or the suite do not fit; 3 if a finished cell is damaged: the damaged
        ones are listed, and what is left of the cells, if anything, is reported.
    """
    from benchmarks import reports
    from benchmarks.runner import UsageError

    stored: list[Stored] = []
    try:
        if len(given.folders) > 1 and not given.readme:
            raise UsageError("one FOLDER a report; several are for --readme")
        if given.first_seed and (given.readme or given.results):
            raise UsageError("--first-seed is for a report: a page to keep has all seeds")
        stored += [reports.read(folder, given.first_seed) for folder in given.folders]
        found = [reports.comparisons(one, given.suite) for one in stored]
        print(_write(given, stored, found))
    except (UsageError, reports.DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        nothing_whole = any(one.damaged and not one.runs for one in stored)
        return _said(stored) if nothing_whole else 2
    return _said(stored)


def _write(
    given: argparse.Namespace, stored: "list[Stored]", found: "list[list[Comparison]]"
) -> Path:
    from benchmarks import reports

    everything = [comparison for one in found for comparison in one]
    if given.tensorboard is not None:
        reports.write_events(everything, given.tensorboard)
    if given.readme:
        return reports.write_readme(everything, given.out, date=given.date)
    out = given.out or given.folders[0] / ("results" if given.results else "report")
    if given.results:
        return reports.write_results(found[0], out, date=given.date)
    return reports.write_report(stored[0], found[0], out, times=not given.no_times)


def _said(stored: "list[Stored]") -> int:
    """List what is not in the report, and return the exit code."""
    from benchmarks.reports._facts import faults

    for line in (line for one in stored for line in faults(one)):
        print(line, file=sys.stderr)
    return 3 if any(one.damaged for one in stored) else 0
