import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from benchmarks.statistics import probability_of_improvement


def test_it_is_the_mean_of_mann_whitney_u_over_problems():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (3, 5, 6)).astype(float)
    found = probability_of_improvement(scores, baseline=1, higher_is_better=True)
    for method in range(3):
        u = [
            mannwhitneyu(x, y).statistic / 36
            for x, y in zip(scores[method], scores[1], strict=True)
        ]
        assert found.value[method] == pytest.approx(np.mean(u), rel=1e-12)


def test_the_interval_is_that_of_a_slow_loop():
    scores = np.random.default_rng(1).integers(0, 5, (2, 3, 4)).astype(float)
    found = probability_of_improvement(scores, higher_is_better=False, resamples=30, seed=9)
    chances = []
    for drawn in np.random.default_rng(9).integers(0, 4, (30, 3, 4)):
        wins = [
            (scores[1, p, i] < scores[0, p, j]) + 0.5 * (scores[1, p, i] == scores[0, p, j])
            for p in range(3)
            for i in drawn[p]
            for j in drawn[p]
        ]
        chances.append(np.mean(wins))
    oracle = np.quantile(chances, [0.025, 0.975])
    np.testing.assert_allclose([found.low[1], found.high[1]], oracle, rtol=1e-12)


def test_the_baseline_ties_with_itself():
    scores = np.random.default_rng(0).normal(size=(2, 4, 5))
    found = probability_of_improvement(scores, higher_is_better=True, resamples=50)
    assert found.value[0] == found.low[0] == found.high[0] == 0.5


def test_a_failed_run_loses_to_every_finished_one_and_ties_with_failed_ones():
    scores = [[[np.nan, -1e300]], [[np.nan, -1e300]], [[np.nan, np.nan]]]
    found = probability_of_improvement(scores, higher_is_better=True)
    np.testing.assert_array_equal(found.value, [0.5, 0.5, 0.25])
    np.testing.assert_array_equal(found.failures, [1, 1, 2])


def test_one_seed_has_a_value_and_no_interval():
    found = probability_of_improvement([[[1.0]], [[2.0]]], higher_is_better=True)
    assert found.value[1] == 1.0
    assert np.isnan([found.low[1], found.high[1]]).all()


@pytest.mark.parametrize("baseline", [-1, 2])
def test_an_unknown_baseline_is_refused(baseline):
    with pytest.raises(ValueError, match="baseline"):
        probability_of_improvement(np.zeros((2, 1, 2)), baseline, higher_is_better=True)
