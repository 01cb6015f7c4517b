import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from moo.plotting._friedman import groups_within, mean_ranks, nemenyi, ranking

GIVEN = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}
DEFAULTS = {"p_value": None, "level": 0.05, "higher_is_better": False}


def test_mean_ranks_share_ties():
    scores = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 7.0]])
    assert mean_ranks(scores, False).tolist() == [1.25, 1.75, 3.0]
    assert mean_ranks(scores, True).tolist() == [2.75, 2.25, 1.0]


# Demsar 2006, table 5a: critical values of the two-tailed Nemenyi test, 2 to 10 classifiers.
TABLE = {
    0.05: [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164],
    0.10: [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920],
}


@pytest.mark.parametrize("level", TABLE)
def test_critical_differences_are_those_of_the_published_table(level):
    methods = np.arange(2, 11)
    found = [nemenyi(k, 14, level) for k in methods.tolist()]
    expected = TABLE[level] * np.sqrt(methods * (methods + 1) / (6 * 14))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_methods_apart_by_the_difference_itself_are_told_apart():
    assert groups_within(np.array([1.0, 2.5, 3.0]), 1.5) == [(1, 2)]


def test_groups_are_the_largest_sets_within_reach():
    ranks = np.array([1.0, 1.5, 2.2, 4.0, 5.0])
    for distance in (0.1, 0.71, 1.3, 2.0, 9.0):
        within = [
            (i, j) for i in range(5) for j in range(i + 1, 5) if ranks[j] - ranks[i] < distance
        ]
        largest = [
            (i, j)
            for i, j in within
            if not any((a <= i and j <= b) and (a, b) != (i, j) for a, b in within)
        ]
        assert groups_within(ranks, distance) == largest


def test_raw_scores_bring_their_own_numbers():
    scores = np.random.default_rng(0).normal(size=(6, 9)) + np.arange(6)[:, None]
    raw = {f"m{i}": row for i, row in enumerate(scores)}
    found = ranking(raw, None, None, **DEFAULTS)
    ranks = scores.argsort(axis=0).argsort(axis=0).mean(axis=1) + 1
    assert found.problems == 9
    assert list(found.means.values()) == sorted(ranks.tolist())
    np.testing.assert_allclose([found.means[f"m{i}"] for i in range(6)], ranks)
    assert found.distance == nemenyi(6, 9, 0.05)
    np.testing.assert_allclose(found.p_value, friedmanchisquare(*scores).pvalue)


def test_without_a_rejection_all_stay_together():
    assert ranking(GIVEN, 0.5, 20, **DEFAULTS).groups == []
    kept = ranking(GIVEN, 0.5, 20, **{**DEFAULTS, "p_value": 0.2})
    assert kept.groups == [(0, 4)]
    tied = ranking({k: np.ones(5) for k in GIVEN}, None, None, **DEFAULTS)
    assert (tied.p_value, tied.groups) == (1.0, [(0, 4)])


@pytest.mark.parametrize(
    ("ranks", "distance", "problems", "message"),
    [
        ({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, 1.0, 9, "at least 5 methods"),
        (GIVEN, 1.0, 4, "problems: the test takes at least 5, got 4"),
        (GIVEN, 1.0, None, "at least 5, got None"),
        (GIVEN, None, 9, "critical_difference must be positive beside mean ranks, got None"),
        ({**GIVEN, "e": 6.0}, 1.0, 9, "not mean ranks 1 to 5"),
        ({**GIVEN, "e": 4.0}, 1.0, 9, "of mean 3.0"),
        ({**GIVEN, "e": np.ones(3)}, 1.0, 9, "one number a method, or all"),
        ({k: np.ones(4) for k in GIVEN}, None, None, "at least 5, got 4"),
        ({k: np.full(6, np.nan) for k in GIVEN}, None, None, "must not be NaN"),
    ],
)
def test_unfit_ranks_are_refused(ranks, distance, problems, message):
    with pytest.raises(ValueError, match=message):
        ranking(ranks, distance, problems, **DEFAULTS)


def test_an_unfit_level_is_refused():
    with pytest.raises(ValueError, match=r"level must lie in \(0, 1\)"):
        ranking(GIVEN, 1.0, 9, **{**DEFAULTS, "level": 1.0})
