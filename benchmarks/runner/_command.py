"""`python -m benchmarks run`: a suite from the command line."""

import argparse
import sys
from pathlib import Path

SCALES = ("smoke", "small", "full")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command `run`."""
    run = commands.add_parser("run", help="a suite: its cells that are not finished yet")
    run.add_argument("suite", help="a suite, such as synthetic, or a .toml file")
    run.add_argument("--scale", choices=SCALES, default="smoke", help="how large (default smoke)")
    run.add_argument("--out", type=Path, help="folder to write to (default runs/SUITE)")
    run.add_argument(
        "--methods", nargs="+", default=(), help="names, or all (default: the scale's)"
    )
    run.add_argument("--backend", choices=("loky", "ray", "dask"), default="loky")
    run.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    run.add_argument(
        "--checkpoint-seconds", type=float, default=10.0, help="between checkpoints (default 10)"
    )


def run(given: argparse.Namespace) -> int:
    """Run the suite that the command line names, and return the exit code."""
    from benchmarks.runner import _suite, _sweep

    try:
        if given.workers < 1:
            raise _suite.UsageError(f"--workers must be at least 1, got {given.workers}")
        suite = _suite.load_suite(given.suite)
        jobs = _suite.jobs(_suite.cells(suite, given.scale, given.methods))
        settings = _sweep.Settings(given.backend, given.workers, given.checkpoint_seconds)
        return _sweep.sweep(jobs, given.out or Path("runs") / suite.name, settings)
    except (_suite.UsageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _sweep.USAGE
