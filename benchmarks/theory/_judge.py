"""Our method beside each of the others, measure by measure, on paired seeds."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.statistics import holm, verdicts
from benchmarks.theory._entrants import OURS
from benchmarks.theory._measures import MARGINS, Value

Item = tuple[str, str]  # measure, problem
Scores = dict[Item, dict[str, np.ndarray]]
BETTER, EQUAL, OPEN, WORSE = "+", "=", "?", "−"
LEVEL = 0.05
# Of methods with neither weights nor multipliers these are not known; any other NaN is a failure.
_OF_WEIGHTS = ("covariance", "avoidance", "avoidance power")
_SLOPES = ("gap", "avoidance")


class Pair(NamedTuple):
    """How ours does beside one other on one measure: mean difference, interval and sign."""

    difference: float
    low: float
    high: float
    sign: str


class _Test(NamedTuple):
    pair: Pair
    p_value: float
    not_worse: bool
    failed: bool


def final(found: Mapping[str, Sequence[Value]]) -> Scores:
    """Return (measure, problem) -> entrant -> seeds: what is judged, at the longest horizon."""
    scores: Scores = {}
    for entrant, values in found.items():
        for (measure, problem), rows in _by_item(values).items():
            series = {(measure, problem): rows[-1].seeds}
            if measure in _SLOPES and len(rows) > 1:
                series[f"{measure} power", problem] = _powers(rows)
            for item, seeds in series.items():
                unknown = item[0] in _OF_WEIGHTS and np.isnan(seeds).all()
                if item[0] in MARGINS and not unknown:
                    scores.setdefault(item, {})[entrant] = seeds
    return scores


def _by_item(values: Sequence[Value]) -> dict[Item, list[Value]]:
    found: dict[Item, list[Value]] = {}
    for value in sorted(values, key=lambda value: value.horizon):
        found.setdefault((value.measure, value.problem), []).append(value)
    return found


def _powers(rows: Sequence[Value]) -> np.ndarray:
    """Return the slope of each seed on log-log axes; NaN where a value is not positive."""
    values = np.stack([value.seeds for value in rows])
    known = (values > 0).all(axis=0)
    logs = np.log(np.where(known, values, 1))
    slopes = np.polyfit(np.log([value.horizon for value in rows]), logs, 1)[0]
    return np.where(known, slopes, np.nan)


def judge(scores: Scores, margins: Mapping[str, float] = MARGINS) -> dict[tuple[Item, str], Pair]:
    """Compare ours with every other; all comparisons of the table are one family of tests.

    `+` is better, by more than the margin in the mean; `=` shown to be not worse by more than the
    margin; `−` worse, and not shown to be within the margin, or with more failed runs; `?` neither:
    too few seeds to tell.
    """
    tests = {
        (item, other): _test(margins[item[0]], row[other], row[OURS])
        for item, row in scores.items()
        if OURS in row
        for other in row
        if other != OURS
    }
    adjusted = holm(np.array([test.p_value for test in tests.values()]))
    return {
        place: test.pair._replace(sign=_sign(margins[place[0][0]], test, p <= LEVEL))
        for (place, test), p in zip(tests.items(), adjusted, strict=True)
    }


def _test(margin: float, other: np.ndarray, ours: np.ndarray) -> _Test:
    found = verdicts([[other], [ours]], margins=margin, higher_is_better=False)
    pair = Pair(float(found.difference[1, 0]), float(found.low[1, 0]), float(found.high[1, 0]), "")
    failed = bool(found.failures[1, 0] > found.failures[0, 0])
    return _Test(pair, float(found.p_value[1, 0]), bool(found.not_worse[1, 0]), failed)


def _sign(margin: float, test: _Test, told: bool) -> str:
    if test.failed or (told and test.pair.difference < 0 and not test.not_worse):
        return WORSE
    if told and test.pair.difference > margin and test.not_worse:
        return BETTER
    return EQUAL if test.not_worse else OPEN
