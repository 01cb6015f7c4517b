"""What normalises a metric on every problem: fixed by the suite, never by the results."""

from collections.abc import Mapping, Sequence

import numpy as np

import moo
from benchmarks.reports._read import Run
from benchmarks.runner._rules import FRONT, START

Pairs = Mapping[tuple[str, str], Sequence[Run]]


def resolve(
    anchors: Mapping[str, float | str] | None,
    metric: str,
    chosen: Pairs,
    problems: Mapping[str, object],
) -> dict[str, tuple[float, float]] | None:
    """Return what becomes 0 and what becomes 1 on each problem.

    Args:
        anchors: `worst` and `best` as the suite says them, or None.
        metric: the metric's name.
        chosen: runs by method and problem.
        problems: where the metric is measured.

    Returns:
        The ends by problem, without problems where one is unknown or both are the same; None
        where the suite does not normalise the metric.
    """
    if anchors is None:
        return None
    found = {}
    for problem in problems:
        runs = next(runs for (_, place), runs in sorted(chosen.items()) if place == problem)
        low, high = (_end(anchors[name], metric, runs) for name in ("worst", "best"))
        if low is not None and high is not None and low != high:
            found[problem] = (low, high)
    return found


def _end(anchor: float | str, metric: str, runs: Sequence[Run]) -> float | None:
    if anchor == START:
        return _at_start(metric, runs)
    if anchor == FRONT:
        cell = runs[0].cell
        return moo.problem(cell.problem, **cell.problem_options).max_hypervolume
    return float(anchor)


def _at_start(metric: str, runs: Sequence[Run]) -> float | None:
    """Return the mean over seeds of the first row, which is the same for every method."""
    first = [run.rows()[0].get(metric) for run in runs]
    return None if None in first else float(np.mean(np.array(first, dtype=np.float64)))
