"""Distances by plane geometry."""

import numpy as np

from moo.problems._distance import distance_to_samples

CORNER = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]])


def test_polyline():
    points = np.array([[2.0, 1.0], [4.0, 1.5], [5.0, 5.0], [-3.0, -4.0], [4.5, 0.5]])
    expected = [1.0, 0.0, np.hypot(1, 2), 5.0, 0.5]
    np.testing.assert_allclose(distance_to_samples(points, CORNER, curve=True), expected)


def test_samples_only():
    points = np.array([[2.0, 1.0], [4.0, 1.0]])
    expected = [np.hypot(2, 1), 1.0]
    np.testing.assert_allclose(distance_to_samples(points, CORNER, curve=False), expected)


def test_leading_axes_and_points_that_are_not_finite():
    points = np.array([[[0.0, 1.0], [np.nan, 0.0]], [[np.inf, 0.0], [4.0, 3.0]]])
    distance = distance_to_samples(points, CORNER, curve=True)
    np.testing.assert_array_equal(distance, [[1.0, np.nan], [np.nan, 0.0]])


def test_repeated_samples_and_a_single_one():
    for n in (1, 5):
        samples = np.zeros((n, 2))
        assert distance_to_samples(np.array([3.0, 4.0]), samples, curve=True) == 5.0
