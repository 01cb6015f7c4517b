"""DTLZ: fronts by their equations, volumes by counting random points."""

import numpy as np
import pytest

from moo.problems import dtlz1, dtlz2, dtlz3, dtlz4, dtlz5, dtlz7

EQUATIONS = {
    dtlz1: lambda f: f.sum(axis=1) - 0.5,
    dtlz2: lambda f: (f**2).sum(axis=1) - 1,
    dtlz3: lambda f: (f**2).sum(axis=1) - 1,
    dtlz4: lambda f: (f**2).sum(axis=1) - 1,
}


@pytest.mark.parametrize("m", [2, 3, 5])
@pytest.mark.parametrize("factory", EQUATIONS)
def test_fronts_obey_their_equations_and_hold_their_corners(factory, m):
    front = factory(num_objectives=m).pareto_front(64)
    np.testing.assert_allclose(EQUATIONS[factory](front), 0.0, atol=1e-12)
    top = 0.5 if factory is dtlz1 else 1.0
    np.testing.assert_allclose(front.max(axis=0), top, atol=1e-12)
    np.testing.assert_allclose(front.min(axis=0), 0.0, atol=1e-12)


# Whether a point of the box below the reference is dominated by some point of the front.
DOMINATED = {
    dtlz1: lambda p: p.sum(axis=1) >= 0.5,
    dtlz2: lambda p: (p**2).sum(axis=1) >= 1,
}


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("factory", DOMINATED)
def test_hypervolumes_by_counting(factory, m):
    problem = factory(num_objectives=m)
    box = problem.reference_point
    points = np.random.default_rng(0).uniform(0, box, (400_000, m))
    share = DOMINATED[factory](points).mean()
    deviation = 0.5 / np.sqrt(len(points))
    assert problem.max_hypervolume / np.prod(box) == pytest.approx(share, abs=4 * deviation)


def test_the_published_hypervolumes():
    expected = {dtlz1: 1.310167, dtlz2: 0.807401}
    for factory, value in expected.items():
        assert factory().max_hypervolume == pytest.approx(value, abs=5e-7)


def test_hypervolume_of_the_curve_by_counting():
    """A point is dominated where both of the first two losses reach the curve at its third."""
    p = np.random.default_rng(0).uniform(0, 1.1, (400_000, 3))
    needed = np.sqrt(np.maximum(1 - p[:, 2] ** 2, 0) / 2)
    share = (np.minimum(p[:, 0], p[:, 1]) >= needed).mean()
    assert dtlz5().max_hypervolume / 1.331 == pytest.approx(share, abs=0.0032)


def test_hypervolume_of_dtlz7_by_quadrature_of_the_running_maximum():
    grid = np.linspace(0.0, 1.0, 1_000_001)
    highest = np.maximum.accumulate(grid * (1 + np.sin(3 * np.pi * grid)))
    area = np.trapezoid(highest, grid) + 0.1 * highest[-1]
    expected = 1.1**2 * (6.6 - 6) + 2 * 1.1 * area
    assert dtlz7().max_hypervolume == pytest.approx(expected, abs=1e-8)


def test_the_set_of_dtlz7_is_where_the_maximum_rises():
    first = np.unique(dtlz7().pareto_set(4001)[:, :2])
    grid = np.linspace(0.0, 1.0, 100_001)
    values = grid * (1 + np.sin(3 * np.pi * grid))
    rises = grid[values >= np.maximum.accumulate(values)]
    assert first.min() == 0.0
    assert first.max() == pytest.approx(rises.max(), abs=1e-5)
    gap = np.argmax(np.diff(rises))
    assert not ((rises[gap] + 1e-5 < first) & (first < rises[gap + 1] - 1e-5)).any()


@pytest.mark.parametrize("factory", EQUATIONS)
def test_wrong_options_are_named(factory):
    with pytest.raises(ValueError, match="num_objectives: must be at least 2, got 1"):
        factory(num_objectives=1)
