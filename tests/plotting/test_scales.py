import numpy as np
import pytest

from moo.plotting._scales import scale_of, score_sets

FOUND = {"a": np.array([[1.0, 10.0, 5.0]]), "b": np.array([[3.0, 30.0, 5.0]])}


def test_the_good_end_is_that_of_each_direction():
    scale = scale_of(FOUND, (True, False, True), None, 0.5)
    assert (scale.poor.tolist(), scale.good.tolist()) == ([0, 40, 0], [3, 10, 7.5])
    np.testing.assert_allclose(scale.shares(FOUND["b"]), [[1, 1 / 3, 2 / 3]])
    assert scale.titles("xyz") == ["x ↑", "y ↓", "z ↑"]


def test_limits_take_the_place_of_what_was_seen():
    scale = scale_of(FOUND, False, [(5, 0), (50, 0), (10, 0)], 0.5)
    assert scale.shares(FOUND["a"]).tolist() == [[0.8, 0.8, 0.5]]


@pytest.mark.parametrize(
    ("higher", "limits", "message"),
    [
        ((True, False), None, "a bool or 3 of them"),
        (1.0, None, "a bool or 3 of them"),
        (False, [(0, 1)], r"limits must be \(3, 2\)"),
        (False, [(1, 0), (0, 1), (1, 0)], "run from poor to good as higher_is_better says"),
        (False, [(1, 0), (np.inf, 1), (1, 0)], "run from poor to good"),
    ],
)
def test_unfit_scales_are_refused(higher, limits, message):
    with pytest.raises(ValueError, match=message):
        scale_of(FOUND, higher, limits, 0.0)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({}, "must map at least one label"),
        ({"a": np.zeros((1, 2, 3))}, r"must be \(m,\) or \(n, m\)"),
        ({"a": [1.0, np.nan]}, "must be finite: leave a failed method out"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "share their number of criteria"),
    ],
)
def test_unfit_scores_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        score_sets(scores)
