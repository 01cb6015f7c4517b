"""Figures of a comparison, made from stored rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

import moo
from benchmarks.reports import _along, _differences, _layers
from benchmarks.reports._compare import Comparison
from benchmarks.reports._drawing import Drawing, shown, which
from benchmarks.reports._read import Run
from benchmarks.reports._scores import Scores
from benchmarks.statistics import critical_difference, performance_profile

_PANELS = 24
_RANKS, _CURVES = "critical_difference", "curves"
_FEWEST = 5  # methods and problems of Friedman's test


def drawings(found: Comparison) -> list[Drawing]:
    """Draw what a comparison's primary metric allows."""
    judged = _differences.drawing(found), _along.drawing(found), _layers.drawing(found)
    made = (_ranks(found), *judged, _profile(found), _curves(found))
    return [drawing for drawing in made if drawing is not None]


def left_out(found: Comparison, made: Sequence[Drawing]) -> list[str]:
    """Return a sentence on each diagram that is not among those made, and that others have."""
    names, metric = {drawing.name for drawing in made}, found.scores[0].metric.name
    why = {
        _RANKS: f"critical-difference diagram: it takes {_FEWEST} problems and {_FEWEST} methods",
        _differences.NAME: "plot of differences: it takes a baseline, another method and two seeds",
        _CURVES: f"curves of {metric}: the runs to be shown did not record rows, two or more, at "
        f"the same places of their budgets",
    }
    return [f"no {sentence}" for name, sentence in why.items() if name not in names]


def _ranks(found: Comparison) -> Drawing | None:
    scores = found.scores[0]
    if min(scores.values.shape[:2]) < _FEWEST:
        return None
    result = critical_difference(
        scores.values,
        higher_is_better=scores.higher_is_better,
        alpha=1 - found.rules.confidence,
        worst=scores.worst,
    )
    labels = [found.label(method) for method in found.methods]
    ranks = dict(zip(labels, result.mean_ranks.tolist(), strict=True))
    figure, _ = moo.plotting.plot_critical_difference(
        ranks, result.difference, len(scores.problems),
        p_value=result.p_value, level=1 - found.rules.confidence, width="page",
    )  # fmt: skip
    caption = (
        f"Mean ranks by {scores.metric.name}. A bar joins methods that Nemenyi's test does not "
        f"tell apart after Friedman's."
    )
    return Drawing(_RANKS, caption, figure)


def _profile(found: Comparison) -> Drawing | None:
    scores = found.scores[0]
    if not scores.normalised or len(found.methods) < 2:
        return None
    floor = max(scores.metric.margin, 1e-12)
    gaps = np.where(np.isnan(scores.values), np.inf, np.maximum(1 - scores.values, floor))
    result, lines = performance_profile(gaps), shown(found)
    if len(result.at) < 2:
        return None
    figure, axes = moo.plotting.plot_profiles(
        {found.label(found.methods[i]): result.share[i] for i in lines},
        at=result.at, cost="remaining distance", width="text",
    )  # fmt: skip
    axes.set_ylabel("share of runs")
    caption = (
        f"Performance profile over {gaps[0].size} runs: share of runs whose remaining distance, "
        f"1 - normalised {scores.metric.name}, is within a factor of the best of all "
        f"{len(found.methods)} methods. Below {floor:g} counts as {floor:g}. {which(found, lines)}"
    )
    return Drawing("profile", caption, figure)


def _curves(found: Comparison) -> Drawing | None:
    scores, lines = found.scores[0], shown(found)
    problems = scores.problems[:_PANELS]
    read = {i: [_recorded(found, scores, i, problem) for problem in problems] for i in lines}
    steps = [tuple(at.tolist()) for panels in read.values() for at, _ in panels]
    if len(set(steps)) != 1 or len(steps[0]) < 2:
        return None
    trajectories = {
        found.label(found.methods[i]): moo.Trajectory(
            steps=np.array(steps[0]),
            objectives=np.stack([runs for _, runs in panels], axis=-1),
            names=problems,
        )
        for i, panels in read.items()
    }
    falling = not scores.metric.higher_is_better  # a share that grows to 1 wants a plain axis
    logs = falling and spans_decades([path.objectives for path in trajectories.values()])
    figure, axes = moo.plotting.plot_losses(trajectories, width="page", log_losses=logs)
    for panel in axes:
        low, high = panel.get_ylim()
        if logs and high > 10 * low:  # numbers between powers of ten would overlap
            panel.yaxis.set_minor_formatter(NullFormatter())
    axes[0].set_ylabel(scores.metric.name.replace("_", " "))
    more = len(scores.problems) - len(problems)
    unit = "backward passes an objective" if found.shared.get("passes") else "steps"
    for panel in axes:
        panel.set_xlabel(unit if panel.get_subplotspec().is_last_row() else "")
    data = " on validation data" * found.on_test
    caption = f"{scores.metric.name}{data} against {unit}, every problem in its unit. "
    caption += f"{more} further problems are not drawn. " if more else ""
    return Drawing(_CURVES, caption + which(found, lines), figure)


def spans_decades(values: Sequence[NDArray[np.float64]]) -> bool:
    """Return whether numbers (..., problems) are positive, and on some problem span a decade.

    Example:
        >>> spans_decades([np.array([[0.5, 1.0]]), np.array([[0.6, 20.0]])])
        True
        >>> spans_decades([np.array([[0.5]]), np.array([[0.7]])])
        False
    """
    rows = np.concatenate([one.reshape(-1, one.shape[-1]) for one in values])
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    return bool((low > 0).all() and (high > 10 * low).any())


def _recorded(
    found: Comparison, scores: Scores, method: int, problem: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how far runs had come, and the primary metric there `(seeds, rows)`; or nothing."""
    runs = found.tried[found.methods[method], problem].runs
    rows, name = [run.rows() for run in runs], scores.metric.name
    spent = [_spent(run, one) for run, one in zip(runs, rows, strict=True)]
    if not all(one == spent[0] and None not in one for one in spent):
        return np.zeros(0, np.int64), np.zeros((len(rows), 0))
    numbers = [[row.get(name) for row in one] for one in rows]
    return np.array(spent[0], np.int64), np.array(numbers, dtype=np.float64)


def _spent(run: Run, rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """Return what of the budget was spent at each row: backward passes an objective, or steps.

    Rows are equally far apart in passes, but for rounding to whole steps.
    """
    if not run.cell.passes:
        return [row.get("step") for row in rows]
    return [round(at) for at in np.linspace(0, run.cell.passes, len(rows))]
