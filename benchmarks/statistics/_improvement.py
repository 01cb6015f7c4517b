"""The probability that a method's run beats the baseline's."""

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics._bootstrap import RESAMPLES, draws
from benchmarks.statistics._scores import Estimate, Float64, as_confidence, as_index, as_runs


def probability_of_improvement(
    scores: ArrayLike,
    baseline: int = 0,
    *,
    higher_is_better: ArrayLike,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Chance that a run of the method beats a run of the baseline, on a problem drawn at random.

    P(X > Y) = (1 / problems) sum_p (1 / n^2) sum_ij (1[x_i > y_j] + 1[x_i = y_j] / 2), over the n
    seeds i and j of problem p: Mann and Whitney's U over n^2, averaged over problems. It says how
    often, not by how much, and needs no common scale.

    Args:
        scores: `(methods, problems, seeds)`. A run that is not finite has failed: it loses to every
            run that finished, ties with one that failed, and is counted.
        baseline: the baseline's position among the methods.
        higher_is_better: one boolean, or one a problem.
        confidence: coverage of the interval, in (0, 1).
        resamples: draws of the stratified bootstrap; both methods get the same, as seeds are
            paired.
        seed: seeds the draws.

    Returns:
        One probability a method, with its interval; 1/2 for the baseline itself.

    Raises:
        ValueError: if a shape is wrong or an option is out of its range.

    Example:
        >>> from benchmarks.statistics import probability_of_improvement
        >>> chance = probability_of_improvement([[[1.0, 2.0]], [[2.0, 3.0]]],
        ...                                     higher_is_better=True)
        >>> chance.value.tolist()
        [0.5, 0.875]

    Source: Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice,
        NeurIPS 2021, arXiv:2108.13264.
    """
    tail = (1 - as_confidence(confidence)) / 2
    runs = as_runs(scores, higher_is_better, worst=0.0)
    ranked = np.where(np.isnan(runs.scores), -np.inf, runs.scores)
    wins = _wins(ranked, ranked[as_index("baseline", baseline, len(ranked))])
    value = wins.mean(axis=(-3, -2, -1))
    drawn = _resampled(wins, resamples, seed) if wins.shape[-1] > 1 else np.full((1, 1), np.nan)
    low, high = np.quantile(np.broadcast_to(drawn, (len(drawn), len(value))), [tail, 1 - tail], 0)
    return Estimate(value, low, high, runs.failures().sum(axis=1), wins[0, ..., 0].size)


def _wins(scores: Float64, baseline: Float64) -> Float64:
    """Return 1 for a win, 1/2 for a tie: `(methods, problems, seeds, baseline's seeds)`."""
    x, y = scores[..., :, None], baseline[..., None, :]
    return (x > y) + 0.5 * (x == y)


def _resampled(wins: Float64, resamples: int, seed: int) -> Float64:
    """Return the statistic of every draw, `(resamples, methods)`."""
    problems, seeds = wins.shape[1:3]
    drawn = draws(problems, seeds, resamples, seed)
    # A draw counts how often it holds each seed, so that it needs no table of wins of its own.
    counts = (drawn[..., None] == np.arange(seeds)).sum(axis=-2).astype(np.float64)
    won = np.einsum("rpi,mpij,rpj->rm", counts, wins, counts, optimize="optimal")
    return np.asarray(won / (problems * seeds**2))
