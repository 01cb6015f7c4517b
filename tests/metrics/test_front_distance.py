"""IGD+ and additive epsilon by hand and against moocore."""

import moocore
import numpy as np
import pytest

from moo.metrics import additive_epsilon, igd_plus


def test_by_hand():
    front = [[0.0, 3.0], [1.0, 1.0]]
    assert igd_plus([[1.0, 2.0]], front) == 1.0
    assert additive_epsilon([[1.0, 2.0]], front) == 1.0
    assert igd_plus([[0.0, 0.0]], front) == 0.0
    assert additive_epsilon([[-1.0, -1.0]], front) == -1.0 - 1.0 + 1.0


@pytest.mark.parametrize("m", [2, 3, 5])
def test_random_sets_equal_moocore(m):
    rng = np.random.default_rng(m)
    for _ in range(20):
        points = rng.normal(size=(rng.integers(1, 30), m))
        front = rng.normal(size=(rng.integers(1, 30), m))
        assert igd_plus(points, front) == pytest.approx(moocore.igd_plus(points, ref=front))
        expected = moocore.epsilon_additive(points, ref=front)
        assert additive_epsilon(points, front) == pytest.approx(expected)


def test_blocks_of_a_large_front_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    points, front = rng.normal(size=(20, 3)), rng.normal(size=(101, 3))
    whole = igd_plus(points, front), additive_epsilon(points, front)
    monkeypatch.setattr("moo.metrics._front_distance._BLOCK", 180)
    assert whole == (pytest.approx(igd_plus(points, front)), additive_epsilon(points, front))


@pytest.mark.parametrize("indicator", [igd_plus, additive_epsilon])
@pytest.mark.parametrize(
    ("points", "front", "message"),
    [
        ([1.0], [[1.0]], r"points: must have shape \(n, m\)"),
        ([[1.0]], np.empty((0, 1)), r"front: must have shape \(n, m\)"),
        ([[np.nan]], [[1.0]], "points: must be finite"),
        ([[1.0]], [[np.inf]], "front: must be finite"),
        ([[1.0, 2.0]], [[1.0]], "points: has 2 objectives, but the front has 1"),
    ],
)
def test_bad_input_is_named(indicator, points, front, message):
    with pytest.raises(ValueError, match=message):
        indicator(points, front)
