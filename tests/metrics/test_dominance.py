"""Non-dominated points by hand and against moocore."""

import moocore
import numpy as np
import pytest

from moo.metrics import nondominated


def test_by_hand():
    points = [[1, 3], [2, 2], [2, 3], [2, 2], [0, 9], [9, np.inf]]
    assert nondominated(points).tolist() == [True, True, False, False, True, False]
    assert nondominated([[3.0], [1.0], [1.0]]).tolist() == [False, True, False]
    assert nondominated(np.empty((0, 3))).tolist() == []
    assert nondominated(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize("m", [2, 3, 5])
def test_random_sets_with_ties_equal_moocore(m, monkeypatch):
    monkeypatch.setattr("moo.metrics._dominance._BLOCK", 7)
    rng = np.random.default_rng(m)
    for decimals in (0, 1, 8):
        for _ in range(20):
            points = rng.normal(size=(rng.integers(1, 60), m)).round(decimals)
            expected = moocore.is_nondominated(points, keep_weakly=False)
            np.testing.assert_array_equal(nondominated(points), expected)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"points: must have shape \(n, m\), got \(2,\)"):
        nondominated([1.0, 2.0])
    with pytest.raises(ValueError, match="points: must not hold NaN"):
        nondominated([[1.0, np.nan]])
