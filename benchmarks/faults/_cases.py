"""What the faults are tried on: sweeps of small cells, and a job in this process."""

import functools
import io
import itertools
from dataclasses import replace
from pathlib import Path
from unittest import mock

from rich.console import Console

from benchmarks.faults._evidence import contents
from benchmarks.runner import _execute, _plan, _sweep
from benchmarks.runner._block import Limits
from benchmarks.runner._cell import Cell
from benchmarks.runner._execute import Outcome, run_job
from benchmarks.runner._program import Program

# Random weights, so that there are random keys in the states that checkpoints hold.
CELL = Cell(
    suite="faults", problem="elementwise_quadratic", method="rlw", seed=0, steps=12, every=5,
    learning_rate=0.1, starts=2, lanes=2,
)  # fmt: skip

_SUITE = """
optimizer = "adam"
[methods]
[problems]
[protocol]
baseline = "mean"
[[protocol.metrics]]
name = "distance_to_front"
higher_is_better = false
margin = 0.001
[scales.smoke]
starts = 2
learning_rates = [0.01]
"""

# Twelve cells of four programs. The third seed shares its block with one that nobody wants.
SWEEP = (
    _SUITE
    + """
problems = ["two_task_toy", "elementwise_quadratic"]
methods = ["mean", "rlw"]
seeds = 3
steps = 100000
every = 500
lanes = 2
"""
)

# One long cell: steps from two points.
DESCENT = (
    _SUITE
    + """
problems = ["two_task_toy"]
methods = ["rlw"]
seeds = 1
steps = 200000
every = 1000
lanes = 1
"""
)

# One long cell: a network on simulated rows.
NETWORK = """
kind = "studies"
optimizer = "adam"
[methods]
[problems]
short_video = { num_rows = 2000, batch_size = 64 }
[scales.smoke]
starts = 1
learning_rates = [0.01]
problems = ["short_video"]
models = ["shared_bottom"]
methods = ["rlw"]
seeds = 1
steps = 5000
every = 50
lanes = 1
"""

# What does not depend on how long it runs.
SHORT = SWEEP.replace("100000", "1000")


class SmallJob:
    """Two seeds of a cell in this process, whose program is compiled once.

    Args:
        scratch: where it may write.

    Attributes:
        finished: a folder in which it ran to its end.
        stopped: a folder in which it was stopped after its second row.
        expected: what it leaves.
    """

    def __init__(self, scratch: Path) -> None:
        (self.job,) = _plan.jobs([replace(CELL, seed=seed) for seed in (0, 1)])
        self._program = functools.cache(Program)
        self.finished, self.stopped = scratch / "finished", scratch / "stopped"
        self.run(self.finished)
        self._stop(self.stopped)
        self.expected = contents(self.finished)

    def run(self, root: Path, limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        """Run what is not finished in a folder, and return what became of both cells."""
        with mock.patch.object(_execute, "Program", self._program):
            return run_job(self.job, root, limits)

    def sweep(self, root: Path) -> tuple[int, str]:
        """Run it as a sweep, and return the exit code and what was said."""
        told = io.StringIO()
        console = Console(file=told, width=200)
        with mock.patch.object(_execute, "Program", self._program):
            code = _sweep.sweep([self.job], root, _sweep.Settings(workers=1), console)
        return code, told.getvalue()

    def _stop(self, root: Path) -> None:
        asked = itertools.count()
        # Asked once before the block, then before every row.
        self.run(root, Limits(1e9, lambda: next(asked) > 2))
