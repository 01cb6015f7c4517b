"""Even points: discrepancy by counting, corners, segments, starts."""

import numpy as np
import pytest

from moo.problems._sampling import box, on_segments, place, simplex, sphere, spread, starts_in


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_spread_fills_the_cube_evenly(d):
    points = spread(1000, d)
    assert points.shape == (1000, d)
    assert ((points > 0) & (points < 1)).all()
    corners = np.random.default_rng(0).uniform(size=(50, d))
    counted = (points[None] < corners[:, None]).all(axis=2).mean(axis=1)
    np.testing.assert_allclose(counted, corners.prod(axis=1), atol=0.03)


@pytest.mark.parametrize("m", [2, 3, 6])
def test_simplex_and_sphere_hold_their_corners(m):
    weights, unit = simplex(200, m), sphere(200, m)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1.0, rtol=1e-12)
    for points in (weights, unit):
        assert (points >= 0).all()
        for corner in np.eye(m):
            assert np.abs(points - corner).sum(axis=1).min() < 1e-12
    np.testing.assert_allclose(weights.mean(axis=0), 1 / m, atol=0.02)


def test_segments_by_hand():
    segments = np.array([[0.0, 1.0], [5.0, 6.0]])
    np.testing.assert_allclose(on_segments(5, segments), [0.0, 0.5, 5.0, 5.5, 6.0])
    np.testing.assert_allclose(place(np.array([[0.25, 0.75]]), segments), [[0.5, 5.5]])


def test_starts_are_the_same_at_every_call_and_off_the_faces():
    bounds = box(-1.0, 3.0, 4)
    starts = starts_in(bounds, 30)
    np.testing.assert_array_equal(starts, starts_in(bounds, 30))
    assert starts.min() > -0.6
    assert starts.max() < 2.6
