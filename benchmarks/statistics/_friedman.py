"""Friedman's test and Nemenyi's critical difference of mean ranks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from benchmarks.statistics._ranks import problem_ranks
from benchmarks.statistics._scores import Float64, Int64, as_runs
from moo.plotting._friedman import groups_within, nemenyi

FEWEST = 5


class CriticalDifference(NamedTuple):
    """What a critical-difference diagram shows.

    Attributes:
        mean_ranks: `(methods,)`; 1 is best.
        difference: the least difference of mean ranks that tells two methods apart.
        statistic: Friedman's chi-square.
        p_value: of Friedman's test, that all methods rank alike.
        groups: methods that are not told apart, by position, best first; maximal, of two or more,
            and overlapping where they do. If Friedman's test does not reject, all are one group.
        failures: failed runs, `(methods,)`.
    """

    mean_ranks: Float64
    difference: float
    statistic: float
    p_value: float
    groups: tuple[tuple[int, ...], ...]
    failures: Int64


def critical_difference(
    scores: ArrayLike,
    *,
    higher_is_better: ArrayLike,
    alpha: float = 0.05,
    worst: ArrayLike | None = None,
) -> CriticalDifference:
    """Friedman's test over problems, and Nemenyi's critical difference after it.

    With r_ij the rank of method j of k on problem i of N, ties averaged, and R_j their mean:
    chi^2 = (k - 1) N^2 sum_j (R_j - (k + 1) / 2)^2 / sum_ij (r_ij - (k + 1) / 2)^2, which without
    ties is 12 N / (k (k + 1)) sum_j (R_j - (k + 1) / 2)^2; and CD = q sqrt(k (k + 1) / (6 N)) with
    q the upper alpha quantile of the studentized range of k normal means, over sqrt(2).

    Args:
        scores: `(methods, problems, seeds)`, at least 5 methods and 5 problems; methods are ranked
            by their means over seeds. A run that is not finite has failed: it takes the worst score
            of its problem, and is counted.
        higher_is_better: one boolean, or one a problem.
        alpha: level of both tests, in (0, 1).
        worst: what a failed run scores, a number or `(problems,)`; None takes the worst finished
            run of the problem.

    Returns:
        Mean ranks, the critical difference, Friedman's test, and the groups. Adding or leaving out
        methods moves the result for the others; `paired_tests` does not have this fault.

    Raises:
        ValueError: under 5 problems x 5 methods, where the chi-square does not hold; or if a shape
            is wrong, an option is out of its range, or no run of a problem finished and `worst`
            is None.

    Example:
        >>> import numpy as np
        >>> from benchmarks.statistics import critical_difference
        >>> quality = np.arange(5.0)[:, None, None] + np.zeros((5, 20, 1))
        >>> found = critical_difference(quality, higher_is_better=True)
        >>> round(found.difference, 3), found.statistic, found.groups
        (1.364, 80.0, ((4, 3), (3, 2), (2, 1), (1, 0)))

    Source: Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha: must be in (0, 1), got {alpha}")
    runs = as_runs(scores, higher_is_better, worst)
    k, n = runs.scores.shape[:2]
    if k < FEWEST or n < FEWEST:
        raise ValueError(
            f"scores: Friedman's test needs at least {FEWEST} problems x {FEWEST} methods, got "
            f"{n} problems x {k} methods; use paired_tests, which takes fewer"
        )
    ranks = problem_ranks(runs)
    statistic = _chi_square(ranks)
    p_value = float(chdtrc(k - 1, statistic))
    difference = nemenyi(k, n, alpha)
    mean_ranks = ranks.mean(axis=1)
    groups = _groups(mean_ranks, difference if p_value <= alpha else np.inf)
    failures = runs.failures().sum(axis=1)
    return CriticalDifference(mean_ranks, difference, statistic, p_value, groups, failures)


def _chi_square(ranks: Float64) -> float:
    """Return Friedman's statistic with the correction for ties; 0 where everything ties."""
    k = len(ranks)
    centred = ranks - (k + 1) / 2
    within = float((centred**2).sum())
    return (k - 1) * float((centred.sum(axis=1) ** 2).sum()) / within if within > 0 else 0.0


def _groups(mean_ranks: Float64, difference: float) -> tuple[tuple[int, ...], ...]:
    """Return the maximal runs of sorted methods whose mean ranks differ by less."""
    order = np.argsort(mean_ranks, kind="stable")
    runs = groups_within(mean_ranks[order], difference)
    return tuple(tuple(order[first : last + 1].tolist()) for first, last in runs)
