"""Paired tests of methods against a baseline, with Holm's correction."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from benchmarks.statistics._scores import Float64, Int64, Runs, as_index, as_runs
from benchmarks.statistics._signed_rank import as_differences, side, signed_rank

_ROUNDING = 8 * float(np.finfo(np.float64).eps)


class PairedTests(NamedTuple):
    """Tests of every method against the baseline; the baseline's own rows are 0 and 1.

    Attributes:
        difference: mean of the paired differences, positive where the method is better:
            `(methods,)` over problems, `(methods, problems)` over seeds.
        p_value: of each test alone, of the same shape.
        adjusted: Holm's adjusted p-values over all tests of the call, of the same shape.
        failures: failed runs, `(methods, problems)`.
    """

    difference: Float64
    p_value: Float64
    adjusted: Float64
    failures: Int64


def paired_tests(
    scores: ArrayLike,
    baseline: int = 0,
    *,
    higher_is_better: ArrayLike,
    over: str,
    test: str = "wilcoxon",
    alternative: str = "two-sided",
    worst: ArrayLike | None = None,
) -> PairedTests:
    """Test every method against the baseline on paired runs.

    Over "problems", a pair is a problem with the means over its seeds: one test a method. Over
    "seeds", a pair is a seed: one test a method and problem. All tests of a call are one family
    for Holm's correction. Scores that agree to rounding (8 epsilon) count as equal.

    Args:
        scores: `(methods, problems, seeds)`, seeds paired. A run that is not finite has failed: it
            takes the worst score of its problem, and is counted.
        baseline: the baseline's position among the methods.
        higher_is_better: one boolean, or one a problem.
        over: "problems", best with scores of one scale (`normalize`), or "seeds".
        test: "wilcoxon" (`signed_rank`) or "t" (`paired_t`).
        alternative: "two-sided"; "greater" for methods better than the baseline; "less".
        worst: what a failed run scores, a number or `(problems,)`; None takes the worst finished
            run of the problem.

    Returns:
        Differences, p-values, adjusted p-values and failures.

    Raises:
        ValueError: if a shape is wrong, an option is unknown, or no run of a problem finished and
            `worst` is None.

    Example:
        >>> from benchmarks.statistics import paired_tests
        >>> tests = paired_tests([[[1.0, 2.0, 3.0]], [[1.5, 2.6, 3.7]]], over="seeds",
        ...                      test="t", higher_is_better=True)
        >>> round(float(tests.difference[1, 0]), 3), round(float(tests.adjusted[1, 0]), 4)
        (0.6, 0.0091)

    Source: Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.
    """
    if test not in _TESTS:
        raise ValueError(f"test: must be one of {tuple(_TESTS)}, got {test!r}")
    if over not in ("problems", "seeds"):
        raise ValueError(f"over: must be 'problems' or 'seeds', got {over!r}")
    runs = as_runs(scores, higher_is_better, worst)
    d = differences(runs, as_index("baseline", baseline, len(runs.scores)))
    d = d.mean(axis=-1) if over == "problems" else d
    p = np.apply_along_axis(_TESTS[test], -1, d, side(alternative))
    others = np.arange(len(d)) != baseline
    adjusted = np.ones_like(p)
    adjusted[others] = holm(p[others])
    return PairedTests(d.mean(axis=-1), p, adjusted, runs.failures())


def differences(runs: Runs, baseline: int) -> Float64:
    """Return method minus baseline, 0 where both agree to rounding, of the shape of the runs."""
    x = runs.filled()
    d = x - x[baseline]
    return np.where(np.abs(d) <= _ROUNDING * np.maximum(np.abs(x), np.abs(x[baseline])), 0.0, d)


def paired_t(differences: ArrayLike, alternative: str = "two-sided") -> float:
    """p-value of Student's t test that paired differences have mean 0.

    t = mean(d) / (s / sqrt(n)) with n - 1 degrees of freedom: exact for any n if differences are
    normal, and the test to take below eight pairs, where Wilcoxon's can hardly reject.

    Args:
        differences: one a pair, `(n,)`, finite, n > 0.
        alternative: "two-sided"; "greater" for differences above 0; "less" for below.

    Returns:
        The p-value; NaN for one pair. Differences without spread give the limit: 1 two-sided where
        all are 0, and else 0.

    Raises:
        ValueError: if differences are not finite or not of shape (n,), or the alternative is
            unknown.

    Example:
        >>> from benchmarks.statistics import paired_t
        >>> round(paired_t([-1.0, 1.0, 3.0]), 4)
        0.4778

    Source: Student, The probable error of a mean, Biometrika 6, 1908.
    """
    d = as_differences(differences)
    side(alternative)
    if len(d) < 2:
        return float("nan")
    mean, error = float(d.mean()), float(d.std(ddof=1) / np.sqrt(len(d)))
    t = mean / error if error > 0 else (0.0 if mean == 0 else float(np.copysign(np.inf, mean)))
    less, greater = float(stdtr(len(d) - 1, t)), float(stdtr(len(d) - 1, -t))
    return {"less": less, "greater": greater, "two-sided": 2 * min(less, greater)}[alternative]


def holm(p_values: ArrayLike) -> Float64:
    """p-values adjusted so that comparing each with alpha keeps the family's error below alpha.

    With p_(1) <= ... <= p_(n): adjusted_(i) = min(1, max_{j <= i} (n - j + 1) p_(j)).

    Args:
        p_values: of any shape, all one family, in [0, 1]. NaN, a test that had no answer, counts
            in the family as 1.

    Returns:
        Adjusted p-values of the same shape.

    Raises:
        ValueError: if a p-value lies outside [0, 1].

    Example:
        >>> from benchmarks.statistics import holm
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]

    Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
        Statistics 6, 1979.
    """
    p = np.asarray(p_values, dtype=np.float64)
    p = np.where(np.isnan(p), 1.0, p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values: must be in [0, 1], got {p_values!r}")
    order = np.argsort(p, axis=None)
    scaled = p.ravel()[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted.reshape(p.shape)


_TESTS = {"wilcoxon": signed_rank, "t": paired_t}
