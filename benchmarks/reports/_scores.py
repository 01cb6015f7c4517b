"""Arrays of methods x problems x seeds, one a metric."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.reports import _anchors
from benchmarks.reports._read import Run
from benchmarks.runner._rules import Rules
from benchmarks.statistics import Metric, normalize

Float64 = NDArray[np.float64]
Chosen = Mapping[tuple[str, str], Sequence[Run]]


class Scores(NamedTuple):
    """One metric of all methods, on the problems where it is measured.

    Attributes:
        metric: its name, direction and margin.
        problems: labels of the problems.
        raw: `(methods, problems, seeds)`; NaN where the run failed.
        values: the same, normalised where the suite says how.
        normalised: whether it does; higher is better then.
        worst: what a failed run scores, in the unit of the values, or None.
    """

    metric: Metric
    problems: tuple[str, ...]
    raw: Float64
    values: Float64
    normalised: bool
    worst: Float64 | None

    @property
    def higher_is_better(self) -> bool:
        """The direction of the values."""
        return self.normalised or self.metric.higher_is_better


class Measured(NamedTuple):
    """All metrics of a comparison.

    Attributes:
        scores: those that are measured somewhere, in the protocol's order.
        on_test: whether they are of test data.
        notes: which metrics are not compared on which problems.
    """

    scores: tuple[Scores, ...]
    on_test: bool
    notes: tuple[str, ...]


def measure(chosen: Chosen, rules: Rules) -> Measured:
    """Bring the metrics of the chosen runs to arrays.

    A problem on which a finished run lacks the metric, or on which every run failed, is left out
    of the metric's array.

    Args:
        chosen: runs by seed, of every method on every problem.
        rules: metrics and what normalises them.
    """
    tests = {run.cell: run.test() for runs in chosen.values() for run in runs}
    on_test = any(test is not None for test in tests.values())

    def value(run: Run, name: str) -> float | None:
        if run.failed:
            return float("nan")
        return ((tests[run.cell] or {}) if on_test else run.final).get(name)

    problems = sorted({problem for _, problem in chosen})
    scores, notes = [], []
    for metric in rules.metrics:
        rows = {pair: [value(run, metric.name) for run in runs] for pair, runs in chosen.items()}
        known = {
            problem: found for problem in problems if (found := _known(rows, problem)) is not None
        }
        ends = _anchors.resolve(rules.anchors.get(metric.name), metric.name, chosen, known)
        here = [problem for problem in known if ends is None or problem in ends]
        if len(here) < len(problems):
            gone = ", ".join(problem for problem in problems if problem not in here)
            notes.append(f"{metric.name} is not compared on: {gone}")
        if here:
            scores.append(_array(metric, here, known, ends))
    return Measured(tuple(scores), on_test, tuple(notes))


def _known(rows: Mapping[tuple[str, str], Sequence[float | None]], problem: str) -> Float64 | None:
    """Return a problem's scores `(methods, seeds)`, methods sorted; None where they lack."""
    found = [rows[pair] for pair in sorted(rows) if pair[1] == problem]
    if any(one is None for row in found for one in row):
        return None
    scores = np.array(found, dtype=np.float64)
    return scores if np.isfinite(scores).any() else None


def _array(
    metric: Metric,
    problems: Sequence[str],
    known: Mapping[str, Float64],
    ends: Mapping[str, tuple[float, float]] | None,
) -> Scores:
    raw = np.stack([known[problem] for problem in problems], axis=1)
    worst = None if metric.worst is None else np.full(len(problems), metric.worst)
    if ends is None:
        return Scores(metric, tuple(problems), raw, raw, False, worst)
    low, high = np.array([ends[problem] for problem in problems]).T
    values = normalize(raw, worst=low, best=high)
    worst = None if worst is None else (worst - low) / (high - low)
    return Scores(metric, tuple(problems), raw, values, True, worst)
