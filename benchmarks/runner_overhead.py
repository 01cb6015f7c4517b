"""What the runner itself costs a cell, beyond compiling and running."""

import dataclasses
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks import reports
from benchmarks.reports._budget import seconds
from benchmarks.runner import Settings, cells, jobs, load_suite, sweep
from benchmarks.tables import Table, show

PROBLEMS, METHODS = ("two_task_toy", "zdt1", "zdt2", "zdt4"), ("mean", "rlw")
SEEDS = 125  # so that a problem has 250 cells, as at the small scale: fronts are read once
TARGET = 5.0  # ms a cell


def runner_overhead(num_seeds: int = SEEDS) -> None:
    """Sweep small cells in this process, and print where its time went.

    Args:
        num_seeds: seeds of every problem and method, of the small scale of `synthetic`.
    """
    suite = load_suite("synthetic")
    small = dataclasses.replace(suite.scales["small"], problems=PROBLEMS, seeds=num_seeds)
    suite = dataclasses.replace(suite, scales={"small": small})
    wanted = cells(suite, "small", METHODS, trials=1)
    planned = jobs(wanted)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        sweep(planned, Path(folder), Settings(workers=1), Console(quiet=True))
        spent = {"all": time.perf_counter() - started}
        entries = [run.times() for run in reports.read(Path(folder)).runs]
    for kind in ("compile", "run", "measure"):
        spent[kind] = sum(seconds(one, kind) for one in entries)
    # Measuring goes on while the next block runs, so that only its end adds to the time.
    own = 1000 * (spent["all"] - spent["compile"] - spent["run"]) / len(wanted)
    columns = ("cells", *(f"{kind} s" for kind in spent), "ms a cell beyond", "target")
    row = (f"{len(wanted):,}", *(f"{value:.2f}" for value in spent.values()),
           f"{own:.2f}", "" if own < TARGET else "above")  # fmt: skip
    note = (
        f"{len(METHODS)} methods on {len(PROBLEMS)} problems from {num_seeds} seeds, in one "
        f"process, with every file written and synced. Beyond compiling and running are metrics, "
        f"files and what happens once. Target: {TARGET:g} ms."
    )
    show(Table("Overhead of the runner", columns, [row], note), Console(width=100))
