"""What runs cost: backward passes by the registry, seconds by the clock."""

import re
from typing import Any

import moo
from benchmarks.reports._compare import Comparison
from benchmarks.reports._links import method_link
from benchmarks.reports._read import Run
from benchmarks.reports._sheet import DASH, Entry, Sheet, number

# (a m + b) / c, every part of it optional.
_COUNT = re.compile(r"\(?(?:(?P<a>\d*)m)?(?: \+ )?(?P<b>\d+)?\)?(?:/(?P<c>\d+))?")


def passes(text: str, num_objectives: int) -> float | None:
    """Return the backward passes a step that a registry row's words come to.

    Args:
        text: such as "1", "m", "2m + 1" or "1, and a forward pass", of which the first part counts.
        num_objectives: m.

    Returns:
        The number; None where it depends on more than m.

    Example:
        >>> [passes(text, 3) for text in ("1, and a forward pass", "m", "(2m + 1)/7", "T + m")]
        [1.0, 3.0, 1.0, None]
    """
    found = _COUNT.fullmatch(text.partition(",")[0])
    if found is None or found["a"] is found["b"] is None:
        return None
    a = 0 if found["a"] is None else int(found["a"] or 1)
    return (a * num_objectives + int(found["b"] or 0)) / int(found["c"] or 1)


def a_step(method: str) -> Entry:
    """Return the registry's words on a method's backward passes a step."""
    row = moo.aggregators.METHODS.get(method)
    if row is None:
        return Entry(DASH)
    text = row.backward_passes
    return Entry(text, passes(text, 1000))


def a_run(found: Comparison, method: str) -> Entry:
    """Return a method's backward passes a run, their mean over the problems."""
    counts = [_of_run(found.tried[method, problem].runs[0]) for problem in found.problems]
    known = [count for count in counts if count is not None]
    if not known or len(known) < len(counts):
        return Entry(DASH)
    return number(sum(known) / len(known), 0, method_link(found, method))


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
    columns = ("method", "runs", "seconds running", "seconds compiling", "ms running a run")
    note = (
        "Wall-clock seconds of workers on the device above, all trials of a method. Seeds "
        "that ran side by side share their time, and cells of one program its compilation. These "
        "are the only numbers here that differ between two runs of one sweep."
    )
    return Sheet("times", "Times", columns, rows, note)


def seconds(times: list[dict[str, Any]], kind: str) -> float:
    """Return one cell's share of the seconds that its entries of a kind say.

    Example:
        >>> seconds([{"event": "run", "seconds": 3.0, "seeds": 2}, {"event": "end"}], "run")
        1.5
    """
    shared = {"run": "seeds", "compile": "cells"}[kind]
    return float(sum(
        entry["seconds"] / entry.get(shared, 1) for entry in times if entry["event"] == kind
    ))  # fmt: skip


def _of_run(run: Run) -> float | None:
    row, objectives = moo.aggregators.METHODS.get(run.cell.method), run.final.get("objectives")
    if row is None or objectives is None:
        return None
    a_step_ = passes(row.backward_passes, len(objectives))
    return None if a_step_ is None else a_step_ * run.cell.steps
