"""A suite whose jobs, and the blocks in them, are run in a drawn order: a program of its own."""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.runner import _plan, _suite
from benchmarks.runner._execute import Job
from benchmarks.runner._sweep import Settings, sweep

T = TypeVar("T")


def shuffled(jobs: Sequence[Job], order: int) -> list[Job]:
    """Return the jobs in another order, and the blocks of each."""
    draws = random.Random(order)
    mixed = [job._replace(blocks=tuple(_mixed(job.blocks, draws))) for job in jobs]
    return _mixed(mixed, draws)


def _mixed(items: Sequence[T], draws: random.Random) -> list[T]:
    return draws.sample(items, len(items))


def main() -> int:
    """Run the suite that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--order", type=int, required=True)
    given = parser.parse_args()
    jobs = _plan.jobs(_plan.cells(_suite.load_suite(given.suite), "smoke"))
    return sweep(shuffled(jobs, given.order), given.out, Settings(workers=given.workers))


if __name__ == "__main__":
    sys.exit(main())
