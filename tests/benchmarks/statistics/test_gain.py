import numpy as np
import pytest
from scipy import stats

from benchmarks.statistics import multi_task_gain


def test_metrics_are_averaged_within_a_task_first():
    # Task a: -10 % and -20 %; task b: +40 %; as drops of metrics where lower is better.
    scores = [[[0.9], [0.8], [1.4]]]
    by_task = multi_task_gain(scores, 1.0, higher_is_better=False, tasks=["a", "a", "b"])
    assert by_task.value[0] == pytest.approx((-15 + 40) / 2)
    flat = multi_task_gain(scores, 1.0, higher_is_better=False)
    assert flat.value[0] == pytest.approx((-10 - 20 + 40) / 3)


def test_conventions_have_opposite_signs():
    scores = np.random.default_rng(0).uniform(1, 2, (3, 4, 5))
    flags = [True, False, True, False]
    drop = multi_task_gain(scores, [1.0, 2.0, 3.0, 4.0], higher_is_better=flags)
    gain = multi_task_gain(scores, [1.0, 2.0, 3.0, 4.0], higher_is_better=flags, convention="gain")
    np.testing.assert_allclose(drop.value, -gain.value, rtol=1e-12)
    np.testing.assert_allclose(drop.low, -gain.high, rtol=1e-12)


def test_it_is_that_of_the_means_with_students_interval():
    scores = np.random.default_rng(0).uniform(1, 2, (1, 2, 4))
    found = multi_task_gain(scores, [1.0, 2.0], higher_is_better=True)
    each = -100 * ((scores[0] - [[1.0], [2.0]]) / [[1.0], [2.0]]).mean(axis=0)
    means = scores[0].mean(axis=1)
    assert found.value[0] == pytest.approx(-50 * (means[0] - 1 + (means[1] - 2) / 2))
    oracle = stats.t.interval(0.95, 3, each.mean(), stats.sem(each))
    np.testing.assert_allclose([found.low[0], found.high[0]], oracle, rtol=1e-9)


def test_a_failure_takes_the_worst_of_its_metric():
    found = multi_task_gain([[[np.nan]], [[1.0]], [[3.0]]], [1.0], higher_is_better=False)
    np.testing.assert_array_equal(found.value, [200.0, 0.0, 200.0])
    np.testing.assert_array_equal(found.failures, [1, 0, 0])


def test_labels_must_fit():
    with pytest.raises(ValueError, match="tasks"):
        multi_task_gain([[[1.0]]], [1.0], higher_is_better=True, tasks=["a", "b"])
