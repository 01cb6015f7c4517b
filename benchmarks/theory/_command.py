"""The command: `python -m benchmarks theory [METHOD ...] [--smoke] [--out FOLDER]`."""

import argparse
import datetime
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from benchmarks.pool import ONE_THREAD, executor
from benchmarks.theory._entrants import ENTRANTS, OURS, entrant
from benchmarks.theory._measures import SMOKE, Size, Value

KEY = 2026  # the pilots had key 0


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("theory", help="bias, rates, regret of stochastic methods, judged")
    parser.add_argument("methods", nargs="*", help="methods beside calm (default: the stochastic)")
    parser.add_argument("--out", type=Path, default=Path("runs/theory"), help="folder to write to")
    parser.add_argument("--smoke", action="store_true", help="check that it runs, in little time")
    parser.add_argument(
        "--cells", type=Path, metavar="FOLDER",
        help="run nothing: judge calm beside all others on the cells of a sweep of `weightings`",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")


def run(given: argparse.Namespace) -> int:
    """Measure all entrants, or read a sweep's cells, and write the page.

    Returns:
        0; 2 if a method is unknown or the cells do not fit.
    """
    if given.cells is not None:
        return _judge_cells(given)
    names = dict.fromkeys([*(given.methods or ENTRANTS), OURS])
    try:
        for name in names:
            entrant(name)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    started, size = time.perf_counter(), SMOKE if given.smoke else Size()
    with executor(given.workers) as pool:
        found = measured(pool, list(names), size)
    seconds = time.perf_counter() - started
    from benchmarks.theory._page import write_page

    command = " ".join(["python -m benchmarks theory", *given.methods])
    print(write_page(found, size, command, _facts(seconds), given.out))
    return 0


def _judge_cells(given: argparse.Namespace) -> int:
    from benchmarks.reports import DataError
    from benchmarks.runner import UsageError
    from benchmarks.theory._cells import stored_scores
    from benchmarks.theory._page import write_beside

    try:
        scores, margins = stored_scores(given.cells)
    except (DataError, UsageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(write_beside(scores, margins, "python -m benchmarks theory --cells FOLDER", given.out))
    return 0


def measured(pool: Executor, names: Sequence[str], size: Size) -> dict[str, list[Value]]:
    """Return entrant -> its values; ours, the slowest, is begun first."""
    jobs = {name: pool.submit(measure_one, name, size) for name in reversed(names)}
    return {name: jobs[name].result() for name in names}


def measure_one(name: str, size: Size) -> list[Value]:
    """Measure one entrant."""
    import jax

    from benchmarks.theory._measures import measure

    return list(measure(entrant(name), jax.random.key(KEY), size))


def _facts(seconds: float) -> dict[str, str]:
    from benchmarks.runner._environment import environment

    known: dict[str, Any] = environment()
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "took": f"{seconds:.0f} s on {os.cpu_count()} cores, compilation included",
        "versions": ", ".join(f"{name} {text}" for name, text in known["versions"].items()),
        "device": ", ".join(known["device"].values()),
        "environment variables": ", ".join(f"{name} {text}" for name, text in ONE_THREAD.items()),
        "commit": known["commit"],
    }
