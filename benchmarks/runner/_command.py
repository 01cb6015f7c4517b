"""`python -m benchmarks run`: a suite from the command line."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.runner._cell import Cell


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    """Add the sub-command `run`, and return its parser."""
    run = commands.add_parser("run", help="a suite: its cells that are not finished yet")
    run.add_argument("suite", help="a suite, such as synthetic, or a .toml file")
    run.add_argument(
        "--scale", help="one of the suite's, as smoke, small or full (default smoke; of speed full)"
    )
    run.add_argument("--out", type=Path, help="folder to write to (default runs/SUITE)")
    run.add_argument(
        "--methods", nargs="+", default=(), help="names, or all (default: the scale's)"
    )
    run.add_argument("--trials", type=int, help="trials a method (default: the protocol's)")
    run.add_argument("--backend", choices=("loky", "ray", "dask"), default="loky")
    run.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    run.add_argument(
        "--checkpoint-seconds", type=float, default=10.0, help="between checkpoints (default 10)"
    )
    return run


def run(given: argparse.Namespace) -> int:
    """Run the suite that the command line names, and return the exit code.

    A data set that is not here is passed over where the scale has "all", unless it has no other.
    """
    from benchmarks.runner import _plan, _suite, _sweep

    given.scale = given.scale or "smoke"
    try:
        _check(given)
        suite = _suite.load_suite(given.suite)
        cells = _plan.cells(suite, given.scale, given.methods, given.trials)
        absent = _absent(cells)
        jobs = _plan.jobs(cell for cell in cells if cell.problem not in absent)
        settings = _sweep.Settings(given.backend, given.workers, given.checkpoint_seconds)
        code = _sweep.sweep(jobs, given.out or Path("runs") / suite.name, settings)
        lacking = absent and (not jobs or absent & set(suite.scales[given.scale].problems))
        return _sweep.DATA if lacking and code in (_sweep.DONE, _sweep.FAILED) else code
    except (_suite.UsageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _sweep.USAGE


def _check(given: argparse.Namespace) -> None:
    from benchmarks.runner._suite import UsageError

    if given.workers < 1:
        raise UsageError(f"--workers must be at least 1, got {given.workers}")
    if given.trials is not None and given.trials < 1:
        raise UsageError(f"--trials must be at least 1, got {given.trials}")
    if not given.checkpoint_seconds > 0:
        raise UsageError(f"--checkpoint-seconds must be positive, got {given.checkpoint_seconds}")


def _absent(cells: "Sequence[Cell]") -> set[str]:
    """Return the data sets that are not here, after a line on each."""
    from benchmarks.studies import missing

    reasons = {cell.problem: missing(cell.problem) for cell in cells if cell.model is not None}
    absent = {name: reason for name, reason in reasons.items() if reason is not None}
    for name, reason in absent.items():
        print(f"not run: {name}: {reason}", file=sys.stderr)
    return set(absent)
