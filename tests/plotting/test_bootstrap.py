import numpy as np

from moo.plotting._bootstrap import interval, resampled_means


def test_the_interval_of_a_mean_is_that_of_normal_theory():
    runs = np.random.default_rng(3).normal(size=(400, 3))
    low, high = interval(resampled_means(runs))
    expected = 2 * 1.96 * runs.std(axis=0) / np.sqrt(len(runs))
    np.testing.assert_allclose(high - low, expected, rtol=0.08)
    np.testing.assert_allclose((low + high) / 2, runs.mean(axis=0), atol=0.02)


def test_whole_runs_are_drawn_so_that_their_points_stay_together():
    runs = np.array([[0.0, 10.0], [1.0, 9.0], [5.0, 5.0]])
    draws = resampled_means(runs)
    np.testing.assert_allclose(draws.sum(axis=1), 10.0)
    assert np.array_equal(draws, resampled_means(runs))


def test_what_is_nan_does_not_count():
    draws = resampled_means(np.array([[2.0, np.nan], [2.0, np.nan], [2.0, 7.0]]))
    assert (draws[:, 0] == 2.0).all()
    known = np.isfinite(draws[:, 1])
    assert 0.6 < known.mean() < 0.8  # 1 - (2/3)^3
    assert (draws[known, 1] == 7.0).all()
