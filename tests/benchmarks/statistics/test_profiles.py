import numpy as np
import pytest

from benchmarks.statistics import performance_profile, targets_reached


def test_a_profile_by_hand():
    costs = [[[1.0], [4.0], [np.nan]], [[2.0], [1.0], [5.0]]]
    found = performance_profile(costs, [1.0, 2.0, 4.0, 100.0])
    np.testing.assert_allclose(found.share, np.array([[1, 1, 2, 2], [2, 3, 3, 3]]) / 3)
    np.testing.assert_array_equal(found.failures, [1, 0])


def test_profiles_are_those_of_a_slow_count():
    costs = np.random.default_rng(0).lognormal(size=(3, 5, 4))
    found = performance_profile(costs)
    for m in range(3):
        for i in (0, 3, len(found.at) - 1):
            within = [
                costs[m, p, s] / costs[:, p, s].min() <= found.at[i]
                for p in range(5)
                for s in range(4)
            ]
            assert found.share[m, i] == np.mean(within)
    assert found.at[0] == 1.0
    np.testing.assert_array_equal(found.share[:, -1], 1.0)


def test_an_instance_that_all_failed_counts_against_all():
    found = performance_profile(np.array([[[np.nan, 1.0]], [[np.inf, 1.0]]]))
    np.testing.assert_array_equal(found.share, [[0.5], [0.5]])
    nobody = performance_profile(np.full((2, 1, 1), np.nan))
    np.testing.assert_array_equal(nobody.share, [[0.0], [0.0]])


@pytest.mark.parametrize(
    ("costs", "factors", "message"),
    [
        ([[[0.0]]], None, "needs a floor"),
        ([[[1.0]]], [0.5, 1.0], "at least 1"),
        ([[[1.0]]], [2.0, 1.0], "rise"),
        ([[[1.0]]], [], "rise"),
    ],
)
def test_profiles_refuse_what_has_no_ratio(costs, factors, message):
    with pytest.raises(ValueError, match=message):
        performance_profile(costs, factors)


def test_targets_by_hand():
    curves = np.array([[[[0.0, 5.0, 1.0]], [[2.0, 2.0, np.nan]]]])
    found = targets_reached(curves, [1, 2, 3], [[1.0, 4.0], [2.0, 9.0]], higher_is_better=True)
    # Reached stays reached, though the score falls or the run diverges later.
    np.testing.assert_array_equal(found.share, [[1 / 4, 3 / 4, 3 / 4]])
    np.testing.assert_array_equal(found.failures, [1])


def test_each_method_spends_its_own_budget():
    curves = np.array([[[[0.0, 1.0]]], [[[0.0, 1.0]]]])
    found = targets_reached(curves, [[1, 2], [3, 6]], [1.0], higher_is_better=True)
    np.testing.assert_array_equal(found.at, [1, 2, 3, 6])
    np.testing.assert_array_equal(found.share, [[0, 1, 1, 1], [0, 0, 0, 1]])
    by_problem = targets_reached(curves, [[[1, 2]], [[3, 6]]], [[1.0]], higher_is_better=True)
    np.testing.assert_array_equal(by_problem.share, found.share)


def test_shares_are_those_of_a_slow_count():
    rng = np.random.default_rng(0)
    curves, targets = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 6))
    found = targets_reached(curves, np.arange(5.0), targets, higher_is_better=[True, False, True])
    signs = [1, -1, 1]
    for m in range(2):
        for b in range(5):
            hits = [
                (signs[p] * curves[m, p, s, : b + 1]).max() >= signs[p] * t
                for p in range(3)
                for s in range(4)
                for t in targets[p]
            ]
            assert found.share[m, b] == np.mean(hits)


@pytest.mark.parametrize(
    ("shape", "budgets", "targets", "message"),
    [
        ((1, 1, 2), [1, 2], [0.0], "curves"),
        ((1, 1, 1, 2), [1, 2, 3], [0.0], "budgets: must have shape"),
        ((1, 1, 1, 2), [2, 1], [0.0], "rise"),
        ((1, 1, 1, 2), [1, 2], [[0.0], [1.0]], "targets: must have shape"),
        ((1, 1, 1, 2), [1, 2], [np.nan], "targets: must be finite"),
    ],
)
def test_targets_refuse_what_does_not_fit(shape, budgets, targets, message):
    with pytest.raises(ValueError, match=message):
        targets_reached(np.zeros(shape), budgets, targets, higher_is_better=True)
