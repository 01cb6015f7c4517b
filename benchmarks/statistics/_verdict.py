"""The verdict on a method against a baseline, in one of five phrases."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.statistics._paired import differences, paired_tests
from benchmarks.statistics._scores import (
    Float64,
    Int64,
    as_confidence,
    as_index,
    as_numbers,
    as_runs,
)
from moo.metrics import interval

Flags = NDArray[np.bool_]


class Verdict(StrEnum):
    """What a comparison with the baseline says of a method."""

    ALL_BETTER = "all objectives better"
    SOME_BETTER = "some better and none worse"
    TRADE_OFF = "trade-off"
    WORSE = "worse"
    NOT_TOLD_APART = "not told apart"


class Verdicts(NamedTuple):
    """The verdict on every method, and what it rests on; the baseline's own is None.

    Attributes:
        verdict: `(methods,)`.
        difference: mean of the paired differences from the baseline, positive where the method is
            better, `(methods, objectives)`.
        low: lower ends of their intervals, `(methods, objectives)`.
        high: upper ends, `(methods, objectives)`.
        p_value: Holm's adjusted two-sided p-values over all methods and objectives.
        better: objectives that are better, `(methods, objectives)`.
        not_worse: objectives that are shown to be not worse, `(methods, objectives)`.
        worse: objectives that are shown to be worse, `(methods, objectives)`.
        failures: failed runs, `(methods, objectives)`.
    """

    verdict: tuple[Verdict | None, ...]
    difference: Float64
    low: Float64
    high: Float64
    p_value: Float64
    better: Flags
    not_worse: Flags
    worse: Flags
    failures: Int64


def verdicts(
    scores: ArrayLike,
    baseline: int = 0,
    *,
    margins: ArrayLike,
    higher_is_better: ArrayLike,
    confidence: float = 0.95,
    test: str = "t",
    worst: ArrayLike | None = None,
) -> Verdicts:
    """Judge every method against the baseline on all objectives at once.

    An objective is *not worse* if the lower end of the interval of its paired differences is not
    below -margin, so that equal scores are not worse at margin 0; *better* if its mean difference
    is positive, Holm's adjusted two-sided p-value is at most 1 - confidence, and it is not worse;
    *worse* if the mean is negative, the adjusted p-value as small, and it is not shown to be not
    worse. A method that fails more often than the baseline is worse on that objective, whatever its
    other seeds say. Then:

    - *all objectives better*: every objective is better;
    - *some better and none worse*: at least one is better, all are not worse;
    - *trade-off*: at least one is better, and on another a loss is shown, or not ruled out;
    - *worse*: none is better, and at least one is worse;
    - *not told apart*: none is better and none is worse: equal within margins, or few seeds.

    Args:
        scores: `(methods, objectives, seeds)`, seeds paired, at least two. A run that is not finite
            has failed: it takes the worst score of its objective, and is counted.
        baseline: the baseline's position among the methods.
        margins: loss that does not matter, at least 0, fixed before the runs and in the
            objective's unit, a number or `(objectives,)`: 0.001 for an AUC.
        higher_is_better: one boolean, or one an objective. Calibration has its best value inside:
            give |PCOC - 1|, lower is better.
        confidence: of the intervals, those of `moo.metrics.interval`; 1 - confidence is the tests'
            level.
        test: "t", or "wilcoxon", refused where so few seeds could never tell anything.
        worst: what a failed run scores, a number or `(objectives,)`; None takes the worst finished
            run of the objective.

    Returns:
        The verdicts, with differences, intervals, adjusted p-values and failures.

    Raises:
        ValueError: if a shape is wrong, an option is out of its range, seeds are too few, or no run
            of an objective finished and `worst` is None.

    Example:
        >>> from benchmarks.statistics import verdicts
        >>> mean = [[0.70, 0.71, 0.70], [0.60, 0.61, 0.60]]
        >>> other = [[0.72, 0.73, 0.72], [0.60, 0.61, 0.60]]
        >>> found = verdicts([mean, other], margins=0.001, higher_is_better=True)
        >>> str(found.verdict[1])
        'some better and none worse'

    Source: margins as in non-inferiority trials, Piaggio et al., Reporting of noninferiority and
        equivalence randomized trials, JAMA 308, 2012; correction as in Holm, Scandinavian Journal
        of Statistics 6, 1979.
    """
    runs = as_runs(scores, higher_is_better, worst)
    methods, objectives, seeds = runs.scores.shape
    margin = as_margins(margins, objectives)
    alpha = 1 - as_confidence(confidence)
    _enough(seeds, (methods - 1) * objectives, alpha, test)
    tests = paired_tests(
        scores, baseline, higher_is_better=higher_is_better, over="seeds", test=test, worst=worst
    )
    low, high = _intervals(differences(runs, as_index("baseline", baseline, methods)), confidence)
    failed = tests.failures > tests.failures[baseline]
    told = tests.adjusted <= alpha
    not_worse = (low >= -margin) & ~failed
    better = (tests.difference > 0) & told & not_worse
    lost = ((tests.difference < 0) & told & ~not_worse) | failed
    found = tuple(
        None if m == baseline else _verdict(better[m], not_worse[m], lost[m])
        for m in range(methods)
    )
    d, p = tests.difference, tests.adjusted
    return Verdicts(found, d, low, high, p, better, not_worse, lost, tests.failures)


def as_margins(margins: ArrayLike, objectives: int) -> Float64:
    """Return one margin an objective, at least 0."""
    margin = as_numbers("margins", margins, objectives)
    if (margin < 0).any():
        raise ValueError(f"margins: must be at least 0, the loss that is allowed, got {margins!r}")
    return margin


def _verdict(better: Flags, not_worse: Flags, worse: Flags) -> Verdict:
    if better.all():
        return Verdict.ALL_BETTER
    if better.any():
        return Verdict.SOME_BETTER if not_worse.all() else Verdict.TRADE_OFF
    return Verdict.WORSE if worse.any() else Verdict.NOT_TOLD_APART


def _intervals(d: Float64, confidence: float) -> tuple[Float64, Float64]:
    found = [interval(row, confidence) for row in d.reshape(-1, d.shape[-1])]
    ends = np.array([(one.low, one.high) for one in found]).reshape(*d.shape[:2], 2)
    return ends[..., 0], ends[..., 1]


def _enough(seeds: int, tests: int, alpha: float, test: str) -> None:
    """Refuse comparisons whose outcome is known before the runs."""
    if seeds < 2:
        raise ValueError(f"scores: a verdict needs at least 2 seeds, got {seeds}")
    # The first step of Holm's correction multiplies the smallest p-value by the number of tests.
    if test == "wilcoxon" and 2.0 ** (1 - seeds) * max(tests, 1) > alpha:
        raise ValueError(
            f"test: 'wilcoxon' of {seeds} seeds cannot fall below {2.0 ** (1 - seeds):g}, so that "
            f"none of {tests} tests could reject at {alpha:g}; run more seeds, or use 't'"
        )
