"""Paired differences from the baseline on every problem, with their intervals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import moo
from benchmarks.reports._compare import Comparison
from benchmarks.reports._data_sets import preset_of
from benchmarks.reports._drawing import Drawing, shown, which
from benchmarks.reports._leaders import can_judge, judge
from benchmarks.reports._scores import Scores

NAME = "differences"
METRICS = 3
_ROWS = 24


def drawing(found: Comparison) -> Drawing | None:
    """Draw how much better than the baseline the best methods are; None without one or two seeds.

    Problems are in the order of their names; simulated ones come first, in the order of their rate
    of impressions that are clicked and convert, along which the conflict of a funnel's two losses
    grows.

    Args:
        found: a comparison; of its metrics the first three are drawn.
    """
    if not can_judge(found):
        return None
    metrics, lines = found.scores[:METRICS], shown(found, METRICS)
    rates = {problem: _rate(found, problem) for problem in metrics[0].problems}
    order = sorted(rates, key=lambda problem: (rates[problem] or np.inf, problem))
    problems = order[:_ROWS]
    methods = [i for i in lines if i != found.baseline]
    baseline = found.label(found.rules.baseline)
    figure, _ = moo.plotting.plot_differences(
        *intervals(found, metrics, methods, problems),
        rows=[_row(problem, rates[problem]) for problem in problems],
        groups=[found.label(found.methods[i]) for i in methods],
        names=[scores.metric.name.replace("_", " ") for scores in metrics],
        margin=[scores.metric.margin for scores in metrics],
        label=f"difference from {baseline}, better →",
    )
    words = [_what(found, metrics), *_left_out(found, len(order))]
    if any(rates.values()):
        words.append("CTR · CVR: the rate of simulated impressions that are clicked and convert.")
    return Drawing(NAME, " ".join([*words, which(found, lines)]).strip(), figure)


def _rate(found: Comparison, problem: str) -> float | None:
    """Return the share of a simulated data set's impressions that convert; None for others."""
    preset = preset_of(found, problem)
    return None if preset is None else preset.ctr * preset.cvr


def _row(problem: str, rate: float | None) -> str:
    return problem if rate is None else f"{problem}\nCTR · CVR {rate:.2g}"


def intervals(
    found: Comparison, metrics: Sequence[Scores], methods: Sequence[int], problems: Sequence[str]
) -> NDArray[np.float64]:
    """Return differences and their ends `(3, metrics, methods, problems)`; NaN: not measured."""
    drawn = np.full((3, len(metrics), len(methods), len(problems)), np.nan)
    for p, problem in enumerate(problems):
        judged = judge(found, problem)
        here = [m for m, scores in enumerate(metrics) if problem in scores.problems]
        for i, m in enumerate(here):
            ends = (judged.difference, judged.low, judged.high)
            drawn[:, m, :, p] = [end[methods, i] for end in ends]
    return drawn


def _what(found: Comparison, metrics: Sequence[Scores]) -> str:
    data = " of test scores" * found.on_test
    units = " (normalised)" * all(scores.normalised for scores in metrics)
    return (
        f"Mean paired differences{data}{units} from {found.label(found.rules.baseline)} over "
        f"{len(found.seeds)} seeds, positive where better, with {found.rules.confidence:.0%} "
        f"intervals, not corrected for their number. Shaded: the margins of the verdicts."
    )


def _left_out(found: Comparison, problems: int) -> list[str]:
    metrics = [scores.metric.name for scores in found.scores[METRICS:]]
    words = [f"Not drawn: {', '.join(metrics)}."] if metrics else []
    if problems > _ROWS:
        words.append(f"{problems - _ROWS} further problems are not drawn.")
    return words
