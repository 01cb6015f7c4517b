"""The same number of trials for every method, and the choice among them on validation."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import qmc

from benchmarks.statistics._ranks import problem_ranks
from benchmarks.statistics._scores import Float64, Int64, as_runs
from benchmarks.statistics._space import LogUniform, Parameter


class Chosen(NamedTuple):
    """The trial that validation chose.

    Attributes:
        trial: its position.
        mean_ranks: of all trials over metrics, `(trials,)`; 1 is best.
        failures: failed scores of all trials, `(trials,)`.
    """

    trial: int
    mean_ranks: Float64
    failures: Int64


def trials(
    learning_rate: LogUniform, space: Mapping[str, Parameter], count: int, seed: int = 0
) -> tuple[dict[str, Any], ...]:
    """Settings to try: the published one first, then quasi-random ones.

    The others are the points of a scrambled Halton sequence. The learning rate takes its first
    coordinate, so with the same seed all methods try the same learning rates, however many
    hyper-parameters they have: a method with none spends all its trials on them, and linear
    scalarisation spends as many on its weights as others on their own.

    Args:
        learning_rate: its range, the same for every method.
        space: the method's own hyper-parameters; `Simplex` for weights of linear scalarisation.
        count: trials, at least 1, the same for every method.
        seed: seeds the scrambling.

    Returns:
        One dictionary a trial, "learning_rate" first.

    Raises:
        ValueError: if count is below 1, or the space holds "learning_rate".

    Example:
        >>> from benchmarks.statistics import LogUniform, Uniform, trials
        >>> rate = LogUniform(1e-4, 1e-1, default=1e-3)
        >>> tried = trials(rate, {"c": Uniform(0.0, 1.0, default=0.4)}, count=4)
        >>> tried[0], len(tried)
        ({'learning_rate': 0.001, 'c': 0.4}, 4)

    Source: Halton, On the efficiency of certain quasi-random sequences of points, Numerische
        Mathematik 2, 1960; equal counts of quasi-random trials as in Dahl et al., Benchmarking
        neural network training algorithms, 2023, arXiv:2306.07179.
    """
    if count < 1:
        raise ValueError(f"count: must be at least 1, got {count}")
    if "learning_rate" in space:
        raise ValueError("space: learning_rate has its own argument, the same for every method")
    full: dict[str, Parameter] = {"learning_rate": learning_rate, **space}
    ends = np.cumsum([parameter.coordinates for parameter in full.values()])
    cube = qmc.Halton(int(ends[-1]), scramble=True, seed=np.random.default_rng(seed))
    points = [np.split(u, ends[:-1]) for u in cube.random(count - 1)]
    published = {name: parameter.default for name, parameter in full.items()}
    drawn = [
        {name: parameter.at(u) for (name, parameter), u in zip(full.items(), parts, strict=True)}
        for parts in points
    ]
    return published, *drawn


def choose(
    validation: ArrayLike, *, higher_is_better: ArrayLike, worst: ArrayLike | None = None
) -> Chosen:
    """Choose the trial that failed least; of these the best by mean rank, of equal ones the first.

    On each metric the trials' means over seeds are ranked, ties averaged, and the ranks averaged
    over metrics, so no metric counts more for its unit. Only validation scores belong here: the
    test set is for the chosen trial, once.

    Args:
        validation: `(trials, metrics, seeds)`. What is not finite has failed: it takes the worst
            score of its metric, and is counted.
        higher_is_better: one boolean, or one a metric.
        worst: what a failed run scores, a number or `(metrics,)`; None takes the worst finished
            run of the metric.

    Returns:
        The trial's position, all mean ranks and failures.

    Raises:
        ValueError: if a shape is wrong, or no trial finished.

    Example:
        >>> from benchmarks.statistics import choose
        >>> choose([[[0.70]], [[0.75]], [[float("nan")]]], higher_is_better=True).trial
        1
        >>> choose([[[0.5, 0.5]], [[0.9, float("nan")]]], higher_is_better=True).trial
        0
    """
    scores = np.asarray(validation, dtype=np.float64)
    if scores.size and not np.isfinite(scores).any():
        raise ValueError(f"validation: none of {len(scores)} trials finished; widen the space")
    runs = as_runs(scores, higher_is_better, worst)
    ranks = problem_ranks(runs).mean(axis=1)
    failures = runs.failures().sum(axis=1)
    return Chosen(int(np.lexsort((ranks, failures))[0]), ranks, failures)
