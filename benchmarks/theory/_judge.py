"""Our method beside each of the others, measure by measure, on paired seeds."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.statistics import verdicts
from benchmarks.theory._entrants import OURS
from benchmarks.theory._measures import MARGINS, Value

Item = tuple[str, str]  # measure, problem
Scores = dict[Item, dict[str, np.ndarray]]
BETTER, EQUAL, OPEN, WORSE = "+", "=", "?", "−"


class Pair(NamedTuple):
    """How ours does beside one other on one measure: mean difference, interval and sign."""

    difference: float
    low: float
    high: float
    sign: str


def final(found: Mapping[str, Sequence[Value]]) -> Scores:
    """Return (measure, problem) -> entrant -> seeds, of what is judged, at the longest horizon."""
    scores: Scores = {}
    for entrant, values in found.items():
        for value in sorted(values, key=lambda value: value.horizon):
            if value.measure in MARGINS and np.isfinite(value.seeds).all():
                scores.setdefault((value.measure, value.problem), {})[entrant] = value.seeds
    return scores


def judge(scores: Scores) -> dict[tuple[Item, str], Pair]:
    """Compare ours with every other; all measures of one other are one family of tests.

    `+` is better; `=` shown to be not worse by more than the margin; `−` worse by more than
    nothing, and not shown to be within the margin; `?` neither: too few seeds to tell.
    """
    others = dict.fromkeys(name for row in scores.values() for name in row if name != OURS)
    found: dict[tuple[Item, str], Pair] = {}
    for other in others:
        items = [item for item, row in scores.items() if other in row and OURS in row]
        found |= {(item, other): pair for item, pair in _beside(scores, items, other).items()}
    return found


def _beside(scores: Scores, items: Sequence[Item], other: str) -> dict[Item, Pair]:
    judged = verdicts(
        [[scores[item][name] for item in items] for name in (other, OURS)],
        margins=[MARGINS[measure] for measure, _ in items],
        higher_is_better=False,
    )
    return {
        item: Pair(
            float(judged.difference[1, i]), float(judged.low[1, i]), float(judged.high[1, i]),
            _sign(judged.better[1, i], judged.not_worse[1, i], judged.worse[1, i]),
        )
        for i, item in enumerate(items)
    }  # fmt: skip


def _sign(better: bool, not_worse: bool, worse: bool) -> str:
    if better:
        return BETTER
    if worse:
        return WORSE
    return EQUAL if not_worse else OPEN


def best_other(row: Mapping[str, np.ndarray]) -> str:
    """Return the other entrant of the least mean."""
    return min((name for name in row if name != OURS), key=lambda name: float(row[name].mean()))
