"""Hypervolume by hand and against moocore."""

import moocore
import numpy as np
import pytest

from moo.metrics import hypervolume


def test_rectangles_by_hand():
    assert hypervolume([[1, 2]], [3, 5]) == 6.0
    assert hypervolume([[0, 2], [1, 1], [2, 0]], [3, 3]) == 6.0
    assert hypervolume([[-1, -1]], [0, 0]) == 1.0


def test_points_that_add_nothing():
    plain = hypervolume([[0, 2], [2, 0]], [3, 3])
    more = [[0, 2], [2, 0], [2, 0], [2, 2], [0, 2.5], [4, -9], [-9, 3], [np.inf, -1], [3, 3]]
    assert hypervolume(more, [3, 3]) == plain == 5.0


@pytest.mark.parametrize("points", [[], np.empty((0, 2)), [[3, 0]], [[5, 5]]])
def test_nothing_below_the_reference_is_zero(points):
    assert hypervolume(points, [3, 3]) == 0.0


def test_random_sets_with_ties_equal_moocore():
    rng = np.random.default_rng(0)
    for seed in range(400):
        points = rng.normal(size=(rng.integers(1, 40), 2))
        points = np.round(points, 1) if seed % 2 else points
        reference = rng.normal(0.5, size=2)
        expected = moocore.hypervolume(points, ref=reference)
        assert hypervolume(points, reference) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("points", "reference", "message"),
    [
        ([[1, 2, 3]], [4, 4, 4], r"reference: only two objectives are there.*got shape \(3,\)"),
        ([[1, 2, 3]], [4, 4], r"points: only two objectives are there.*got shape \(1, 3\)"),
        ([1, 2], [4, 4], r"points: only two objectives.*got shape \(2,\)"),
        ([[1, np.nan]], [4, 4], "points: must not hold NaN or -inf"),
        ([[1, -np.inf]], [4, 4], "points: must not hold NaN or -inf"),
        ([[1, 1]], [4, np.nan], "reference: must be finite"),
    ],
)
def test_bad_input_is_named(points, reference, message):
    with pytest.raises(ValueError, match=message):
        hypervolume(points, reference)
