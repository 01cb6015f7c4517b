"""Mean ranks, what separates them, and which of them stay together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from moo.plotting._inputs import Float

_LEAST = 5  # of problems and of methods: below, the chi-square of Friedman's test does not hold


class Ranking(NamedTuple):
    """What a critical-difference diagram shows.

    Attributes:
        means: label -> mean rank, the best first.
        distance: the critical difference.
        problems: the number of problems.
        p_value: of Friedman's test, or None.
        groups: first and last position of the largest groups that are not told apart.
    """

    means: dict[str, float]
    distance: float
    problems: int
    p_value: float | None
    groups: list[tuple[int, int]]


def ranking(
    ranks: Mapping[str, Any], distance: float | None, problems: int | None,
    *, p_value: float | None, level: float, higher_is_better: bool,
) -> Ranking:  # fmt: skip
    """Bring mean ranks, or raw scores, to what the diagram shows; see `plot_critical_difference`.

    Raises:
        ValueError: if there are fewer than 5 methods or problems, or something is missing or unfit.
    """
    if not isinstance(ranks, Mapping) or len(ranks) < _LEAST:
        raise ValueError(f"ranks must map at least {_LEAST} methods to numbers, got {ranks!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level}")
    values = {str(label): np.asarray(value, dtype=float) for label, value in ranks.items()}
    raw = _raw_scores(values)
    problems = problems if raw is None else raw.shape[1]
    if problems is None or problems < _LEAST:
        raise ValueError(f"problems: the test takes at least {_LEAST}, got {problems}")
    if raw is not None:
        means = mean_ranks(raw, higher_is_better)
        distance = nemenyi(len(raw), problems, level) if distance is None else distance
        p_value = _friedman(raw) if p_value is None else p_value
    else:
        means = _mean_ranks_given(values)
    if distance is None or not distance > 0:
        raise ValueError(f"critical_difference must be positive beside mean ranks, got {distance}")
    reach = np.inf if p_value is not None and p_value > level else distance
    order = np.argsort(means, kind="stable")
    labels = list(values)
    best_first = {labels[i]: float(means[i]) for i in order}
    return Ranking(best_first, distance, problems, p_value, groups_within(means[order], reach))


def groups_within(ranks: Float, distance: float) -> list[tuple[int, int]]:
    """First and last index of the largest runs of sorted ranks that differ by less than a distance.

    Ranks that differ by the critical difference itself are told apart (Demšar 2006, section 3.2).

    Example:
        >>> groups_within(np.array([1.0, 2.0, 2.5, 4.0]), 1.5)
        [(0, 1), (1, 2)]
    """
    found: list[tuple[int, int]] = []
    for first in range(len(ranks)):
        last = int(np.searchsorted(ranks, ranks[first] + distance, side="left")) - 1
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found


def mean_ranks(scores: Float, higher_is_better: bool) -> Float:
    """Mean rank (methods,) of (methods, problems) scores over the problems, 1 the best."""
    from scipy.stats import rankdata

    ranks = rankdata(-scores if higher_is_better else scores, axis=0)
    return np.asarray(ranks.mean(axis=1), dtype=float)


def nemenyi(methods: int, problems: int, level: float) -> float:
    """Nemenyi's critical difference of mean ranks.

    Example:
        >>> round(nemenyi(5, 10, 0.05), 3)
        1.929
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - level, methods, np.inf)) / np.sqrt(2)
    return float(quantile * np.sqrt(methods * (methods + 1) / (6 * problems)))


def _friedman(scores: Float) -> float:
    """The p-value of Friedman's test on (methods, problems) scores; 1 where all are tied."""
    from scipy.stats import friedmanchisquare

    if (scores == scores[0]).all():
        return 1.0
    return float(friedmanchisquare(*scores).pvalue)


def _raw_scores(values: Mapping[str, Float]) -> Float | None:
    """(methods, problems) scores; None where there is one number a method."""
    shapes = {label: value.shape for label, value in values.items()}
    kinds = set(shapes.values())
    if kinds == {()}:
        return None
    if len(kinds) > 1 or len(next(iter(kinds))) != 1:
        raise ValueError(f"ranks must be one number a method, or all (problems,), got {shapes}")
    scores = np.stack(list(values.values()))
    if np.isnan(scores).any():
        raise ValueError("raw scores must not be NaN: give a failed run the worst score, as inf")
    return scores


def _mean_ranks_given(values: Mapping[str, Float]) -> Float:
    """Mean ranks (methods,) that k methods can have: each in [1, k], their mean (k + 1) / 2."""
    k, means = len(values), np.array([float(value) for value in values.values()])
    rounding = 0.02 * k
    inside = (means >= 1) & (means <= k)
    if not inside.all() or abs(means.mean() - (k + 1) / 2) > rounding:
        raise ValueError(f"ranks are not mean ranks 1 to {k}, of mean {(k + 1) / 2}: got {means}")
    return means
