import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.statistics import holm, paired_t, paired_tests, signed_rank

SIDES = ("two-sided", "greater", "less")
small = st.lists(st.integers(-4, 4), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(small, st.sampled_from(SIDES))
def test_the_signed_rank_test_counts_all_signs(differences, side):
    d = np.array(differences, dtype=float)
    ranks = np.where(d == 0, 0, stats.rankdata(np.abs(d)))
    observed = ranks[d > 0].sum()
    signs = np.array(list(itertools.product([0, 1], repeat=len(d))))
    statistics = signs @ ranks
    less, greater = np.mean(statistics <= observed), np.mean(statistics >= observed)
    oracle = {"less": less, "greater": greater, "two-sided": min(1, 2 * min(less, greater))}
    assert signed_rank(d, side) == pytest.approx(oracle[side], abs=1e-12)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("n", [3, 12, 40])
def test_without_ties_the_signed_rank_test_is_scipys_exact_one(n, side):
    d = np.random.default_rng(n).normal(0.3, 1, n)
    oracle = stats.wilcoxon(d, alternative=side, method="exact").pvalue
    assert signed_rank(d, side) == pytest.approx(oracle, rel=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_beyond_the_exact_limit_it_is_scipys_normal_one(side):
    d = np.random.default_rng(0).integers(-9, 11, 300).astype(float)
    oracle = stats.wilcoxon(
        d, alternative=side, method="asymptotic", zero_method="pratt", correction=False
    ).pvalue
    assert signed_rank(d, side) == pytest.approx(oracle, rel=1e-9)


def test_exact_and_normal_meet_at_the_limit(monkeypatch):
    d = np.random.default_rng(1).normal(0.1, 1, 200)
    exact = signed_rank(d)
    monkeypatch.setattr("benchmarks.statistics._signed_rank.EXACT", 199)
    assert signed_rank(d) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("n", [5, 300])
def test_no_difference_at_all_is_told_by_no_test(n):
    assert signed_rank(np.zeros(n)) == paired_t(np.zeros(n)) == 1.0


@pytest.mark.parametrize("side", SIDES)
def test_the_paired_t_test_is_scipys(side):
    d = np.random.default_rng(0).normal(0.5, 1, 7)
    oracle = stats.ttest_1samp(d, 0, alternative=side).pvalue
    assert paired_t(d, side) == pytest.approx(oracle, rel=1e-9)


def test_differences_without_spread_give_the_limit():
    assert paired_t([2.0, 2.0]) == 0.0
    assert paired_t([2.0, 2.0], "less") == 1.0
    assert math.isnan(paired_t([2.0]))


@pytest.mark.parametrize("test", [signed_rank, paired_t])
@pytest.mark.parametrize("bad", [[], [[1.0]], [np.nan, 1.0]])
def test_differences_that_do_not_fit_are_refused(test, bad):
    with pytest.raises(ValueError, match="differences: must be finite"):
        test(bad)
    with pytest.raises(ValueError, match="alternative"):
        test([1.0, 2.0], "both")


def rejected(p, alpha):
    """Holm's procedure as he wrote it: step down until one is not rejected."""
    left = dict(enumerate(p))
    out = set()
    while left:
        best = min(left, key=left.get)
        if left[best] * len(left) > alpha:
            break
        out.add(best)
        del left[best]
    return out


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 64).map(lambda k: k / 64), min_size=1, max_size=7))
def test_adjusted_p_values_reject_what_the_stepwise_procedure_does(p):
    adjusted = holm(p)
    for alpha in (1 / 64, 1 / 16, 1 / 4):
        assert set(np.flatnonzero(adjusted <= alpha)) == rejected(p, alpha)


def test_holm_keeps_shapes_and_counts_tests_without_an_answer():
    np.testing.assert_allclose(holm([[0.01, np.nan], [0.02, 0.5]]), [[0.04, 1], [0.06, 1]])
    assert holm(np.empty((0, 2))).shape == (0, 2)
    with pytest.raises(ValueError, match="p_values"):
        holm([1.5])


def test_over_problems_a_pair_is_the_means_of_a_problem():
    scores = np.random.default_rng(0).normal(size=(3, 9, 4))
    found = paired_tests(scores, higher_is_better=True, over="problems")
    means = scores.mean(axis=2)
    p = [stats.wilcoxon(means[m] - means[0], method="exact").pvalue for m in (1, 2)]
    np.testing.assert_allclose(found.p_value, [1.0, *p], rtol=1e-9)
    np.testing.assert_allclose(found.adjusted[1:], holm(p), rtol=1e-9)
    np.testing.assert_allclose(found.difference, (means - means[0]).mean(axis=1), atol=1e-15)


def test_over_seeds_every_problem_is_a_test_of_one_family():
    scores = np.random.default_rng(0).normal(size=(3, 2, 6))
    found = paired_tests(scores, 2, higher_is_better=[True, False], over="seeds", test="t")
    p = [[stats.ttest_rel(scores[m, k], scores[2, k]).pvalue for k in (0, 1)] for m in (0, 1)]
    np.testing.assert_allclose(found.p_value, [*p, [1.0, 1.0]], rtol=1e-9)
    np.testing.assert_allclose(found.adjusted[:2], holm(p), rtol=1e-9)
    signs = np.sign((scores[:2] - scores[2]).mean(axis=2)) * [1, -1]
    np.testing.assert_array_equal(np.sign(found.difference[:2]), signs)


def test_scores_that_agree_to_rounding_are_equal():
    scores = np.array([[[0.3, 0.6, 0.9]], [[0.1 + 0.2, 0.2 + 0.4, 0.3 + 0.6]]])
    assert (scores[0] != scores[1]).any()
    found = paired_tests(scores, higher_is_better=True, over="seeds", test="t")
    assert found.p_value[1, 0] == 1.0


def test_failures_lose_by_the_worst_score_and_are_counted():
    scores = [[[3.0, 4.0, 5.0]], [[np.nan, 4.0, 5.0]]]
    found = paired_tests(scores, higher_is_better=True, over="seeds", worst=0.0)
    np.testing.assert_array_equal(found.difference, [[0.0], [-1.0]])
    np.testing.assert_array_equal(found.failures, [[0], [1]])


def test_the_level_is_kept_under_the_null():
    scores = np.random.default_rng(0).normal(size=(2, 600, 6))
    for test in ("t", "wilcoxon"):
        found = paired_tests(scores, higher_is_better=True, over="seeds", test=test)
        share = np.mean(found.p_value[1] <= 0.05)
        # Three standard errors above 0.05; Wilcoxon's level at six pairs is 2/64.
        assert share < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 600)


@pytest.mark.parametrize("options", [{"over": "runs"}, {"over": "seeds", "test": "z"}])
def test_unknown_options_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        paired_tests(np.zeros((2, 2, 2)), higher_is_better=True, **options)
