"""Means over all runs of a suite that a few odd runs cannot carry."""

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics._bootstrap import RESAMPLES, stratified_bootstrap
from benchmarks.statistics._scores import Estimate, Float64, as_cube, as_numbers, as_runs


def interquartile_mean(
    scores: ArrayLike,
    *,
    higher_is_better: ArrayLike,
    worst: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Mean of the middle half of a method's runs, over all problems and seeds.

    Of n = problems x seeds sorted runs, floor(n / 4) are cut at either end. Scores of all problems
    are averaged, so they must be on one scale: see `normalize`.

    Args:
        scores: `(methods, problems, seeds)`. A run that is not finite has failed: it takes the
            worst score of its problem, and is counted.
        higher_is_better: one boolean, or one a problem; all must agree.
        worst: what a failed run scores, a number or `(problems,)`; None takes the worst finished
            run of the problem.
        confidence: coverage of the interval, in (0, 1).
        resamples: draws of the stratified bootstrap.
        seed: seeds the draws.

    Returns:
        One mean a method, in the scores' own direction, with its interval.

    Raises:
        ValueError: if a shape is wrong, an option is out of its range, directions differ, or no run
            of a problem finished and `worst` is None.

    Example:
        >>> from benchmarks.statistics import interquartile_mean
        >>> mean = interquartile_mean([[[0.0, 2.0, 4.0, 90.0]]], higher_is_better=True)
        >>> float(mean.value[0])
        3.0

    Source: Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice,
        NeurIPS 2021, arXiv:2108.13264.
    """
    runs = as_runs(scores, higher_is_better, worst)
    if np.ptp(runs.signs) > 0:
        raise ValueError("higher_is_better: must agree over problems; normalize the scores first")
    x = runs.filled() * runs.signs[:, None]
    low, high = stratified_bootstrap(
        x, middle_half, confidence=confidence, resamples=resamples, seed=seed
    )
    failures = runs.failures().sum(axis=1)
    return Estimate(middle_half(x), low, high, failures, x[0].size)


def middle_half(scores: Float64) -> Float64:
    """Return the interquartile mean over the last two axes."""
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    cut = flat.shape[-1] // 4
    return flat[..., cut : flat.shape[-1] - cut].mean(axis=-1)


def normalize(scores: ArrayLike, *, worst: ArrayLike, best: ArrayLike) -> Float64:
    """Scores on one scale over problems: 0 at a problem's worst reference, 1 at its best.

    normalized = (score - worst) / (best - worst); higher is better whatever the score's direction
    was. Both references are to be fixed before the runs. Nothing is clipped.

    Args:
        scores: `(methods, problems, seeds)`; what is not finite stays so.
        worst: score that becomes 0, a number or `(problems,)`; for example that of the start.
        best: score that becomes 1, a number or `(problems,)`; for example that of the front.

    Returns:
        The normalised scores, `(methods, problems, seeds)`.

    Raises:
        ValueError: if a shape is wrong, or worst equals best.

    Example:
        >>> from benchmarks.statistics import normalize
        >>> normalize([[[6.0, 4.0]]], worst=8.0, best=0.0).tolist()
        [[[0.25, 0.5]]]
    """
    x = as_cube("scores", scores)
    low, high = as_numbers("worst", worst, x.shape[1]), as_numbers("best", best, x.shape[1])
    if (low == high).any():
        raise ValueError(f"best: must differ from worst on every problem, got {best!r}, {worst!r}")
    return (x - low[:, None]) / (high - low)[:, None]
