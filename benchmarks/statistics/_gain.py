"""Delta-m of every method, over tasks and seeds."""

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics._scores import Estimate, Float64, as_flags, as_runs
from moo.metrics import delta_m, interval


def multi_task_gain(
    scores: ArrayLike,
    single_task: ArrayLike,
    *,
    higher_is_better: ArrayLike,
    convention: str = "drop",
    tasks: ArrayLike | None = None,
    worst: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Delta-m of every method: the mean over tasks of the relative change of their metrics.

    Delta_m = (1 / T) sum_t (100 / K_t) sum_{k in t} (-1)^{l_k} (M_k - B_k) / B_k in percent, with
    l_k = 1 where higher is better and M_k a mean over seeds. By the convention "drop" **a positive
    number is a loss, lower is better** (CAGrad, Nash-MTL, FAMO); "gain" has the opposite sign.

    Args:
        scores: M, `(methods, metrics, seeds)`. What is not finite has failed: it takes the worst
            score of its metric, and is counted.
        single_task: B, `(metrics,)`, positive; usually means of single-task models. Its own error
            is not in the interval.
        higher_is_better: one boolean, or one a metric.
        convention: "drop" or "gain".
        tasks: the task of each metric, `(metrics,)`; None takes every metric for a task.
        worst: what a failed run scores, a number or `(metrics,)`; None takes the worst finished
            run of the metric.
        confidence: coverage of the interval over seeds, that of `moo.metrics.interval`.

    Returns:
        One Delta-m a method in percent, with its interval; failures count scores, not runs.

    Raises:
        ValueError: if shapes do not fit, a baseline is not positive, the convention is unknown, or
            no run has a metric and `worst` is None.

    Example:
        >>> from benchmarks.statistics import multi_task_gain
        >>> gain = multi_task_gain([[[0.75], [0.25]]], [0.5, 0.5], convention="gain",
        ...                        higher_is_better=[True, False])
        >>> float(gain.value[0])
        50.0

    Source: Maninis et al., Attentive single-tasking of multiple tasks, CVPR 2019,
        arXiv:1904.08918.
    """
    runs = as_runs(scores, higher_is_better, worst)
    metrics = runs.scores.shape[1]
    x, better = runs.filled() * runs.signs[:, None], as_flags(higher_is_better, metrics)
    b = np.broadcast_to(np.asarray(single_task, dtype=np.float64), (metrics,))
    members = _members(tasks, metrics)

    def change(means: Float64) -> float:
        each = [delta_m(means[k], b[k], better[k], convention) for k in members]
        return float(np.mean(each))

    # Delta-m is affine in M, so its mean over seeds is that of the metrics' means.
    seeds = np.array([[change(run) for run in method.T] for method in x])
    found = [interval(row, confidence) for row in seeds]
    low, high = np.array([one.low for one in found]), np.array([one.high for one in found])
    return Estimate(seeds.mean(axis=1), low, high, runs.failures().sum(axis=1), x[0].size)


def _members(tasks: ArrayLike | None, metrics: int) -> list[np.ndarray]:
    """Return the positions of each task's metrics."""
    labels = np.arange(metrics) if tasks is None else np.asarray(tasks)
    if labels.shape != (metrics,):
        raise ValueError(f"tasks: must have shape ({metrics},), got {labels.shape}")
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]
