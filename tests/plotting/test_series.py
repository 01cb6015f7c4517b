import numpy as np
import pytest

from moo.plotting._series import abscissa, common_points, count_words, labelled_runs


def test_one_array_has_no_label_and_one_run_gets_its_axis():
    assert list(labelled_runs("errors", np.ones(4))) == [""]
    assert labelled_runs("errors", {"a": [1, 2]})["a"].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "errors is empty: give at least one entry"),
        ({"a": np.zeros((2, 0))}, r"errors 'a' must be \(points,\) or \(runs, points\)"),
        ({"a": np.zeros((1, 2, 3))}, r"got shape \(1, 2, 3\)"),
    ],
)
def test_unfit_runs_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        labelled_runs("errors", values)


def test_runs_must_share_their_points_where_it_matters():
    with pytest.raises(ValueError, match=r"share their number of points, got \{'a': 2, 'b': 3\}"):
        common_points("errors", {"a": np.ones((1, 2)), "b": np.ones((1, 3))})


def test_an_abscissa_increases_or_is_counted():
    assert abscissa("steps", None, 3).tolist() == [0.0, 1.0, 2.0]
    for unfit in ([1, 2], [1, 1, 2], [3, 2, 1], [1, 2, np.inf]):
        with pytest.raises(ValueError, match="steps must"):
            abscissa("steps", unfit, 3)


def test_counts_in_words():
    assert count_words({4}) == "n = 4"
    assert count_words({9, 2, 4}) == "n = 2 to 9"
