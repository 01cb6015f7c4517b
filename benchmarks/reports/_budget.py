"""What runs cost: backward passes by the registry, seconds by the clock."""

from typing import Any

import moo
from benchmarks.reports._compare import Comparison
from benchmarks.reports._links import method_link
from benchmarks.reports._read import Run
from benchmarks.reports._sheet import Entry, Sheet, number
from benchmarks.runner._cost import passes_a_step


def a_step(found: Comparison, entrant: str) -> Entry:
    """Return the registry's words on the backward passes a step of an entrant's method."""
    method = found.tried[entrant, found.problems[0]].runs[0].cell.method
    text = moo.aggregators.METHODS[method].backward_passes
    return Entry(text, float(passes_a_step(method, 1000)))


def a_run(found: Comparison, method: str) -> tuple[Entry, Entry]:
    """Return a method's steps and backward passes a run, their means over the problems."""
    runs = [found.tried[method, problem].runs[0] for problem in found.problems]
    steps = [run.cell.steps for run in runs]
    passes = [steps * _passes(run) for steps, run in zip(steps, runs, strict=True)]
    link = method_link(found, method)
    return tuple(number(sum(one) / len(runs), 0, link) for one in (steps, passes))


def time_sheet(found: Comparison) -> Sheet:
    """Return what the clock said of each method, over all its finished runs."""
    rows = []
    for method in found.methods:
        runs = [run for pair, tried in found.tried.items() if pair[0] == method
                for trial in tried.trials for run in trial]  # fmt: skip
        running, compiling = (sum(seconds(run.times(), kind) for run in runs)
                              for kind in ("run", "compile"))  # fmt: skip
        label, link = found.label(method), method_link(found, method)
        rows.append((
            Entry(label, label), Entry(f"{len(runs):,}", len(runs), link),
            number(running, 2, link), number(compiling, 2, link),
            number(1000 * running / len(runs), 1, link),
        ))  # fmt: skip
    columns = (found.heading, "runs", "seconds running", "seconds compiling", "ms running a run")
    note = (
        "Wall-clock seconds of workers on the device above, all trials of a method. Seeds "
        "that ran side by side share their time, and cells of one program its compilation, which "
        "is less for programs that compiled others before: by it models are not to be compared. "
        "These are the only numbers here that differ between two runs of one sweep."
    )
    return Sheet("times", "Times", columns, rows, note)


def seconds(times: list[dict[str, Any]], kind: str) -> float:
    """Return one cell's share of the seconds that its entries of a kind say.

    Example:
        >>> seconds([{"event": "run", "seconds": 3.0, "seeds": 2}, {"event": "end"}], "run")
        1.5
    """
    shared = "cells" if kind == "compile" else "seeds"
    return float(sum(
        entry["seconds"] / entry.get(shared, 1) for entry in times if entry["event"] == kind
    ))  # fmt: skip


def _passes(run: Run) -> float:
    cell, num_objectives = run.cell, len(run.final["objectives"])
    return float(passes_a_step(cell.method, num_objectives, cell.options))
