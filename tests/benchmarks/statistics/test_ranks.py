import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from benchmarks.statistics import mean_rank


def test_ties_share_their_average_rank_and_problems_count_alike():
    scores = [[[1.0, 3.0], [5.0, 5.0]], [[2.0, 2.0], [6.0, 6.0]], [[0.0, 1.0], [9.0, 9.0]]]
    found = mean_rank(scores, higher_is_better=True)
    np.testing.assert_array_equal(found.value, [(1.5 + 3) / 2, (1.5 + 2) / 2, (3 + 1) / 2])


def test_seeds_are_not_ranked_together():
    # Pooled over seeds the first method would win two of three; its mean loses.
    found = mean_rank([[[1.0, 1.0, -9.0]], [[0.0, 0.0, 0.0]]], higher_is_better=True)
    np.testing.assert_array_equal(found.value, [2.0, 1.0])


def test_directions_mirror_each_other():
    scores = np.random.default_rng(0).normal(size=(4, 5, 3))
    up = mean_rank(scores, higher_is_better=True, resamples=20)
    down = mean_rank(-scores, higher_is_better=False, resamples=20)
    np.testing.assert_array_equal(up.value, down.value)
    np.testing.assert_array_equal(up.low, down.low)


def test_a_method_that_failed_on_every_seed_is_last():
    found = mean_rank([[[np.nan, np.nan]], [[1.0, 1.0]], [[1.0, np.nan]]], higher_is_better=True)
    np.testing.assert_array_equal(found.value, [3.0, 1.5, 1.5])
    np.testing.assert_array_equal(found.failures, [2, 0, 1])


def test_the_interval_is_that_of_a_slow_loop():
    scores = np.random.default_rng(1).normal(size=(3, 2, 4))
    found = mean_rank(scores, higher_is_better=False, resamples=40, seed=5)
    ranks = []
    for drawn in np.random.default_rng(5).integers(0, 4, (40, 2, 4)):
        means = np.stack([scores[:, p, drawn[p]].mean(axis=1) for p in range(2)])
        ranks.append(np.mean([rankdata(row) for row in means], axis=0))
    oracle = np.quantile(ranks, [0.025, 0.975], axis=0)
    np.testing.assert_allclose([found.low, found.high], oracle, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_ranks_sum_to_what_they_must(methods, problems, seed):
    scores = np.random.default_rng(seed).integers(0, 3, (methods, problems, 2)).astype(float)
    found = mean_rank(scores, higher_is_better=True, resamples=1)
    assert np.isclose(found.value.sum(), methods * (methods + 1) / 2)
