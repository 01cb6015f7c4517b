import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from benchmarks.statistics import critical_difference
from benchmarks.statistics._friedman import _groups


@pytest.mark.parametrize("levels", [3, 10**6])
def test_the_statistic_is_scipys_with_and_without_ties(levels):
    scores = np.random.default_rng(0).integers(0, levels, (6, 8, 1)).astype(float)
    found = critical_difference(scores, higher_is_better=True)
    oracle = friedmanchisquare(*scores[..., 0])
    np.testing.assert_allclose(
        [found.statistic, found.p_value], [oracle.statistic, oracle.pvalue], rtol=1e-9
    )


def ranked(rows):
    """Scores whose mean ranks over problems are those of the given rank rows."""
    return np.array(rows, dtype=float).T[..., None]


def test_groups_join_what_the_difference_cannot_tell_apart():
    # Positions 0 and 1 trade places, as do 3 and 4; 2 stands alone far from both.
    rows = [[1, 2, 4, 6, 7, 3, 5], [2, 1, 4, 7, 6, 3, 5]] * 20
    found = critical_difference(ranked(rows), higher_is_better=False)
    np.testing.assert_array_equal(found.mean_ranks, [1.5, 1.5, 4, 6.5, 6.5, 3, 5])
    # q(7) sqrt(7 * 8 / (6 * 40)) = 2.949 * 0.483
    assert found.difference == pytest.approx(2.949 * np.sqrt(56 / 240), abs=1e-3)
    assert found.groups == ((0, 1), (5, 2), (2, 6), (3, 4))


def test_methods_that_tie_everywhere_are_one_group():
    found = critical_difference(np.ones((5, 5, 2)), higher_is_better=True)
    assert (found.statistic, found.p_value) == (0.0, 1.0)
    assert found.groups == ((0, 1, 2, 3, 4),)


def test_nothing_is_told_apart_where_friedmans_test_does_not_reject():
    # One of twelve methods stands out by more than the difference, but not by enough for the test.
    scores = np.random.default_rng(13).normal(size=(12, 6, 1))
    scores[0] += 1
    found = critical_difference(scores, higher_is_better=True)
    assert found.p_value > 0.05
    assert np.ptp(found.mean_ranks) > found.difference
    assert [sorted(group) for group in found.groups] == [list(range(12))]


def test_methods_apart_by_the_difference_itself_are_told_apart():
    assert _groups(np.array([3.0, 1.0, 2.5]), 1.5) == ((2, 0),)


def test_all_apart_leaves_no_group():
    rows = [[1, 2, 3, 4, 5]] * 60
    found = critical_difference(ranked(rows), higher_is_better=False)
    assert found.difference < 1
    assert found.groups == ()


def test_failures_are_counted():
    scores = np.random.default_rng(0).normal(size=(5, 5, 2))
    scores[3, :, 0] = np.nan
    found = critical_difference(scores, higher_is_better=True)
    np.testing.assert_array_equal(found.failures, [0, 0, 0, 5, 0])


@pytest.mark.parametrize("shape", [(4, 9, 3), (9, 4, 3)])
def test_fewer_than_five_by_five_is_refused(shape):
    with pytest.raises(ValueError, match="at least 5 problems x 5 methods, got"):
        critical_difference(np.zeros(shape), higher_is_better=True)


def test_the_level_must_be_a_share():
    with pytest.raises(ValueError, match="alpha"):
        critical_difference(np.zeros((5, 5, 1)), higher_is_better=True, alpha=0.0)
