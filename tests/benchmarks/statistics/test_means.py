import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import trim_mean

from benchmarks.statistics import interquartile_mean, normalize, stratified_bootstrap


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_the_interquartile_mean_is_scipys_trimmed_mean(problems, seeds, seed):
    scores = np.random.default_rng(seed).normal(size=(3, problems, seeds))
    found = interquartile_mean(scores, higher_is_better=False, resamples=1)
    oracle = trim_mean(scores.reshape(3, -1), 0.25, axis=1)
    np.testing.assert_allclose(found.value, oracle, rtol=1e-12)


def test_failures_take_the_worst_and_are_counted():
    found = interquartile_mean([[[9.0, np.nan]], [[1.0, 5.0]]], higher_is_better=True)
    np.testing.assert_array_equal(found.value, [5.0, 3.0])
    np.testing.assert_array_equal(found.failures, [1, 0])
    assert found.runs == 2


def test_one_seed_has_no_interval():
    found = interquartile_mean([[[1.0], [2.0]]], higher_is_better=True)
    assert np.isnan([found.low, found.high]).all()


def test_directions_must_agree():
    with pytest.raises(ValueError, match="normalize"):
        interquartile_mean([[[1.0], [2.0]]], higher_is_better=[True, False])


def test_normalized_scores_run_from_worst_to_best_in_either_direction():
    scores = [[[10.0, 0.0], [0.0, 4.0]]]
    found = normalize(scores, worst=[10.0, 0.0], best=[0.0, 4.0])
    np.testing.assert_array_equal(found, [[[0, 1], [0, 1]]])
    with pytest.raises(ValueError, match="best: must differ"):
        normalize(scores, worst=1.0, best=[0.0, 1.0])


def mean(scores):
    return scores.mean(axis=(-2, -1))


def test_the_bootstrap_is_that_of_a_slow_loop():
    scores = np.random.default_rng(0).normal(size=(2, 3, 4))
    low, high = stratified_bootstrap(scores, mean, resamples=50, seed=3, confidence=0.8)
    drawn = np.random.default_rng(3).integers(0, 4, (50, 3, 4))
    for method in range(2):
        means = [np.mean([scores[method, p, s] for p in range(3) for s in one[p]]) for one in drawn]
        oracle = np.quantile(means, [0.1, 0.9])
        np.testing.assert_allclose([low[method], high[method]], oracle, rtol=1e-12)


def test_blocks_do_not_change_the_bootstrap(monkeypatch):
    scores = np.random.default_rng(0).normal(size=(2, 3, 4))
    whole = stratified_bootstrap(scores, mean, resamples=20)
    monkeypatch.setattr("benchmarks.statistics._bootstrap._BLOCK", 7 * scores.size)
    np.testing.assert_array_equal(stratified_bootstrap(scores, mean, resamples=20), whole)


def test_what_methods_share_by_seed_cancels_in_a_difference():
    shared = np.random.default_rng(0).normal(size=(5, 4))
    pair = np.stack([shared, shared + 1])
    low, high = stratified_bootstrap(pair, lambda x: mean(x[1:] - x[:1]), resamples=100)
    np.testing.assert_allclose([low[0], high[0]], 1.0, rtol=1e-12)


def test_the_interval_covers_the_mean_of_many_problems():
    rng = np.random.default_rng(0)
    # 400 samples as 400 methods, of 30 problems x 5 seeds each; the true mean is 0.
    low, high = stratified_bootstrap(rng.normal(size=(400, 30, 5)), mean, resamples=200)
    covered = np.mean((low <= 0) & (high >= 0))
    # Five seeds make variances a factor 4/5 too small: expected coverage is 0.92.
    assert 0.88 < covered < 0.97


@pytest.mark.parametrize("options", [{"confidence": 1.0}, {"resamples": 0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        stratified_bootstrap([[[1.0, 2.0]]], mean, **options)
