"""Distances to fronts of which the distance is known in closed form."""

from types import SimpleNamespace

import numpy as np
import pytest

import moo
from benchmarks.runner._front import Front


@pytest.fixture(scope="module")
def sphere():
    """DTLZ2: the unit sphere's positive part."""
    return Front(moo.problems.problem("dtlz2"))


def directions(count, m=3):
    drawn = np.abs(np.random.default_rng(0).normal(size=(count, m)))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_the_floor_of_a_surface(sphere):
    assert sphere.distance(directions(500)).mean() < 1e-4


def test_the_floor_at_the_rim_of_a_surface(sphere):
    angle = np.linspace(0.0, np.pi / 2, 200)
    rim = np.stack([np.cos(angle), np.sin(angle), np.zeros(200)], axis=1)
    assert sphere.distance(rim).mean() < 2e-3


@pytest.mark.parametrize("radius", [1.003, 1.5, 30.0, 0.9])
def test_distance_to_the_sphere(sphere, radius):
    inner = directions(300)
    inner = inner[inner.min(axis=1) > 0.03]
    np.testing.assert_allclose(
        np.median(sphere.distance(radius * inner)), abs(radius - 1), rtol=5e-3
    )


@pytest.mark.parametrize("name", ["zdt2", "zdt3", "omni_test", "stch_f4"])
def test_the_floor_of_a_curve(name):
    problem = moo.problems.problem(name)
    # Another step than that of the samples, so that these lie between them.
    points = problem.pareto_front(163_003)[::997]
    distances = Front(problem).distance(points)
    assert distances.mean() < 1e-8


def test_a_point_beside_a_curve_is_as_far_as_its_foot():
    front = Front(moo.problems.problem("zdt2"))  # y = 1 - x^2
    x = np.linspace(0.1, 0.9, 60)
    normal = np.stack([2 * x, np.ones(60)], axis=1) / np.sqrt(1 + 4 * x**2)[:, None]
    for away in (1e-6, 1e-3, 0.3):
        points = np.stack([x, 1 - x**2], axis=1) + away * normal
        np.testing.assert_allclose(front.distance(points), away, rtol=1e-3, atol=1e-9)


def test_gaps_are_not_bridged():
    problem = moo.problems.problem("zdt3")
    # In the middle between the first two pieces of the front; the nearest point is an end.
    ends = np.array([[0.0830015349, 0.0], [0.1822287280, 0.0]])
    ends[:, 1] = 1 - np.sqrt(ends[:, 0]) - ends[:, 0] * np.sin(10 * np.pi * ends[:, 0])
    middle = ends.mean(axis=0)
    expected = np.linalg.norm(ends - middle, axis=1).min()
    assert Front(problem).distance(middle) > 0.9 * expected


def test_a_front_that_a_search_found_is_its_points():
    points = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    front = Front(
        SimpleNamespace(
            pareto_front=lambda n: points[np.arange(n) % 3],
            sampled=True,
            num_objectives=2,
            connected=True,
        )
    )
    np.testing.assert_allclose(front.distance(np.array([0.25, 0.75])), 0.125**0.5)
    np.testing.assert_allclose(front.distance(points), 0.0)


def test_shapes_and_points_that_are_not_finite():
    corner = np.array([3.0, 4.0])
    front = Front(
        SimpleNamespace(
            pareto_front=lambda n: np.zeros((n, 2)), sampled=False, num_objectives=2, connected=True
        )
    )
    points = np.array([[corner, [np.nan, 0.0]], [[0.0, np.inf], [0.0, 0.0]]])
    np.testing.assert_array_equal(front.distance(points), [[5.0, np.nan], [np.nan, 0.0]])
    assert front.distance(np.full((1, 2), np.nan)).shape == (1,)


def test_an_unknown_front_is_named():
    with pytest.raises(ValueError, match="gradnorm_regression: the front"):
        Front(moo.problems.problem("gradnorm_regression"))
