"""Sampled fronts: close to a front that is known, the same at every call."""

import numpy as np

from moo.metrics import hypervolume, nondominated
from moo.problems import convex_quadratic_forms, kursawe, sp1
from moo.problems._search import searched_set


def skew_bowls(xp, x):
    return (x[0] - 1) ** 2 + (x[0] - x[1]) ** 2, (x[1] - 3) ** 2 + (x[0] - x[1]) ** 2


def test_a_search_finds_the_known_front():
    problem = sp1()
    points = searched_set(skew_bowls, problem.bounds)(400)
    assert problem.distance_to_set(points).max() < 0.05
    front = np.stack(skew_bowls(np, points.T), axis=1)
    assert nondominated(np.unique(front, axis=0)).all()
    found = hypervolume(front, problem.reference_point)
    assert 0.998 * problem.max_hypervolume < found < problem.max_hypervolume
    assert (np.diff(front[:, 0]) >= 0).all()


def test_two_searches_agree_and_stay_in_the_box():
    low, high = np.array([0.0, 0.0]), np.array([2.0, 2.0])
    first, second = (searched_set(skew_bowls, (low, high))(50) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert ((low <= first) & (first <= high)).all()


def test_the_sampled_hypervolume_of_kursawe_is_not_passed():
    problem = kursawe()
    assert problem.sampled
    found = hypervolume(problem.pareto_front(600), problem.reference_point)
    assert 0.95 * problem.max_hypervolume < found <= problem.max_hypervolume * 1.001


def test_sets_in_closed_form_are_not_called_sampled():
    assert not sp1().sampled
    assert not convex_quadratic_forms().sampled
