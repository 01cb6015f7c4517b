"""Ranks of methods on each problem, and their mean over problems."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from benchmarks.statistics._bootstrap import RESAMPLES, stratified_bootstrap
from benchmarks.statistics._scores import Estimate, Float64, Runs, as_runs


def mean_rank(
    scores: ArrayLike,
    *,
    higher_is_better: ArrayLike,
    worst: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Mean over problems of a method's rank; 1 is best.

    On each problem the methods' means over seeds are ranked, ties sharing their average rank; the
    ranks are then averaged over problems. Runs of different seeds are never ranked together.

    Args:
        scores: `(methods, problems, seeds)`. A run that is not finite has failed: it takes the
            worst score of its problem, and is counted. A method that failed on every seed of a
            problem ranks behind all that finished one.
        higher_is_better: one boolean, or one a problem.
        worst: what a failed run scores, a number or `(problems,)`; None takes the worst finished
            run of the problem.
        confidence: coverage of the interval, in (0, 1).
        resamples: draws of the stratified bootstrap; every draw ranks all methods anew.
        seed: seeds the draws.

    Returns:
        One mean rank a method, 1 to `methods`, with its interval.

    Raises:
        ValueError: if a shape is wrong, an option is out of its range, or no run of a problem
            finished and `worst` is None.

    Example:
        >>> from benchmarks.statistics import mean_rank
        >>> ranks = mean_rank([[[3.0], [1.0]], [[2.0], [1.0]]], higher_is_better=True)
        >>> ranks.value.tolist()
        [1.25, 1.75]

    Source: Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.
    """
    runs = as_runs(scores, higher_is_better, worst)
    low, high = stratified_bootstrap(
        runs.scores,
        lambda drawn: problem_ranks(runs._replace(scores=drawn)).mean(axis=-1),
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )
    value = problem_ranks(runs).mean(axis=-1)
    return Estimate(value, low, high, runs.failures().sum(axis=1), runs.scores[0].size)


def problem_ranks(runs: Runs) -> Float64:
    """Return the methods' ranks on every problem, `(methods, ..., problems)`."""
    means = runs.filled().mean(axis=-1)
    means = np.where(np.isnan(runs.scores).all(axis=-1), -np.inf, means)
    return rankdata(-means, axis=0)
