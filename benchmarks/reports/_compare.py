"""A comparison: the finished methods x problems x seeds of cells that share their settings."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.reports import _grid, _planned
from benchmarks.reports._grid import Tried
from benchmarks.reports._read import DataError, Run, Stored
from benchmarks.reports._scores import Scores, measure
from benchmarks.runner import Cell, UsageError, load_suite
from benchmarks.runner._cell import canonical
from benchmarks.runner._rules import Entrants, Rules
from benchmarks.runner._suite import Suite


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What one table compares.

    Attributes:
        suite: the suite, as its file says it now.
        scale: the scale of the suite that these settings are, or "".
        shared: the settings.
        methods: names of the methods, or of other entrants that `rules` says, sorted.
        problems: labels, sorted.
        seeds: paired over methods.
        tried: by method and problem.
        scores: by metric of the protocol, those that are measured somewhere.
        notes: what is left out, and why.
        on_test: whether the scores are of test data.
        finished: finished cells.
        expected: cells that the suite names at this scale, or None.
        trials: trials a method where they are not those that the scale plans, else None.
    """

    suite: Suite
    scale: str
    shared: Mapping[str, Any]
    methods: tuple[str, ...]
    problems: tuple[str, ...]
    seeds: tuple[int, ...]
    tried: Mapping[tuple[str, str], Tried]
    scores: tuple[Scores, ...]
    notes: tuple[str, ...]
    on_test: bool
    finished: int
    expected: int | None
    trials: int | None

    @property
    def rules(self) -> Rules:
        """The suite's protocol."""
        return _rules(self.suite)

    @property
    def baseline(self) -> int | None:
        """The baseline's position among the methods, or None."""
        name = self.rules.baseline
        return self.methods.index(name) if name in self.methods else None

    @property
    def runs(self) -> list[Run]:
        """All finished runs, those that were not chosen among them."""
        return [run for tried in self.tried.values() for trial in tried.trials for run in trial]

    @property
    def heading(self) -> str:
        """What the entrants are: "method" or "model"."""
        return self.rules.entrants

    def label(self, method: str) -> str:
        """Return what the suite calls a method."""
        return self.suite.labels.get(method, method)


def comparisons(stored: Stored, suite_file: str | None = None) -> list[Comparison]:
    """Group finished cells by suite and settings, and bring each group to arrays.

    Cells that differ in their steps, starts, optimizer or the like are never in one group.

    Args:
        stored: what `read` returned.
        suite_file: the `.toml` file of a suite that is not among the package's.

    Raises:
        DataError: if no cell is finished and whole, or a suite has no protocol to compare by.
        UsageError: if there is no suite of that name.
    """
    first = stored.first_seed
    if not stored.runs:
        of = f" of seed {first} or later" if first else ""
        raise DataError(f"no cell{of} is finished and whole: there is nothing to report")
    groups: dict[str, list[Run]] = {}
    for run in stored.runs:
        groups.setdefault(canonical(_grid.shared(run.cell)), []).append(run)
    found = [_comparison(groups[key], suite_file) for key in sorted(groups)]
    if not first:
        return found
    note = f"seeds below {first} are left out"
    return [dataclasses.replace(one, notes=(note, *one.notes), expected=None) for one in found]


def _comparison(runs: Sequence[Run], suite_file: str | None) -> Comparison:
    first = runs[0].cell
    suite = _suite_of(first, suite_file)
    metrics, baseline = _rules(suite).metrics, _rules(suite).baseline
    entrants = _rules(suite).entrants
    labels = _labels([run.cell for run in runs], entrants)
    seeds = tuple(sorted({run.cell.seed for run in runs}))
    pairs: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        pair = _grid.entrant(run.cell, entrants), labels[_grid.place(run.cell, entrants)]
        pairs.setdefault(pair, []).append(run)
    trials = {pair: _grid.by_trial(pairs[pair]) for pair in sorted(pairs)}
    kept, notes = _complete(trials, seeds, baseline)
    tried = {
        pair: Tried(found, _grid.choices(found, metrics) if pair in kept else ())
        for pair, found in trials.items()
    }
    measured = measure({pair: tried[pair].runs for pair in sorted(kept)}, _rules(suite))
    present = [run.cell for run in runs]
    scale = _planned.scale_of(suite, present)
    unlike = _planned.other_trials(suite, scale, present)
    return Comparison(
        suite=suite,
        scale=scale,
        shared=_grid.shared(first),
        methods=tuple(sorted({method for method, _ in kept})),
        problems=tuple(sorted({problem for _, problem in kept})),
        seeds=seeds,
        tried=tried,
        scores=measured.scores,
        notes=(*notes, *measured.notes),
        on_test=measured.on_test,
        finished=len(runs),
        expected=_planned.expected(suite, scale, present, unlike),
        trials=unlike,
    )


def _rules(suite: Suite) -> Rules:
    if suite.protocol is None:
        raise DataError(f"suite {suite.name} has no [protocol], so nothing says how to compare")
    return suite.protocol


def _suite_of(cell: Cell, suite_file: str | None) -> Suite:
    found = load_suite(suite_file or cell.suite)
    if found.name != cell.suite:
        raise UsageError(f"the cells are of suite {cell.suite}, not of {found.name}")
    return found


def _labels(found: Sequence[Cell], entrants: Entrants) -> dict[str, str]:
    """Name problems; by their options too where one name stands for several."""
    by_name: dict[str, dict[str, Cell]] = {}
    for cell in found:
        alone = cell.model is None or entrants == "model"
        name = cell.problem if alone else f"{cell.problem} / {cell.model}"
        by_name.setdefault(name, {})[_grid.place(cell, entrants)] = cell
    return {
        key: name if len(cells_) == 1 else f"{name} {canonical(cell.problem_options)}"
        for name, cells_ in by_name.items()
        for key, cell in cells_.items()
    }


def _complete(
    trials: Mapping[tuple[str, str], list[list[Run]]], seeds: Sequence[int], baseline: str
) -> tuple[set[tuple[str, str]], list[str]]:
    """Return the pairs of method and problem to compare, and words on what is left out."""
    methods = sorted({method for method, _ in trials})
    problems = sorted({problem for _, problem in trials})
    most = {m: max(len(found) for (other, _), found in trials.items() if other == m)
            for m in methods}  # fmt: skip

    def whole(method: str, problem: str) -> bool:
        found = trials.get((method, problem), [])
        return len(found) == most[method] and all(len(trial) == len(seeds) for trial in found)

    finished = np.array([[whole(m, p) for p in problems] for m in methods])
    keep = methods.index(baseline) if baseline in methods else None
    rows, columns = _grid.largest_complete(finished, keep)
    names = [m for m, row in zip(methods, rows, strict=True) if not row]
    places = [p for p, column in zip(problems, columns, strict=True) if not column]
    notes = [
        f"not finished, so left out of all comparisons: {kind} {', '.join(left)}"
        for kind, left in (("methods", names), ("problems", places))
        if left
    ]
    notes += _trials_note(most)
    kept = {(m, p) for m in methods for p in problems if m not in names and p not in places}
    return kept, notes


def _trials_note(most: Mapping[str, int]) -> list[str]:
    counts = sorted(set(most.values()))
    if len(counts) == 1:
        return []
    words = ", ".join(f"{m} {n}" for m, n in most.items() if n != counts[0])
    return [f"unequal numbers of trials, which favours those with more: {counts[0]} but {words}"]
