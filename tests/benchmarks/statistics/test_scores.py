import numpy as np
import pytest

from benchmarks.statistics._scores import as_runs


def test_a_failed_run_takes_the_worst_finished_score_of_its_problem():
    scores = [[[1.0, np.nan], [5.0, 6.0]], [[3.0, 2.0], [np.inf, 9.0]]]
    up = as_runs(scores, True, None)
    np.testing.assert_array_equal(up.filled(), [[[1, 1], [5, 6]], [[3, 2], [5, 9]]])
    np.testing.assert_array_equal(up.failures(), [[1, 0], [0, 1]])
    down = as_runs(scores, False, None)
    np.testing.assert_array_equal(-down.filled(), [[[1, 3], [5, 6]], [[3, 2], [9, 9]]])


def test_directions_may_differ_by_problem():
    runs = as_runs([[[1.0], [2.0]]], [True, False], None)
    np.testing.assert_array_equal(runs.scores, [[[1.0], [-2.0]]])


@pytest.mark.parametrize(("higher", "given", "expected"), [(True, 0.0, 0.0), (True, 2.0, 1.0)])
def test_no_run_gains_by_failing(higher, given, expected):
    runs = as_runs([[[1.0, np.nan, 3.0]]], higher, given)
    assert runs.filled()[0, 0, 1] == expected


def test_a_problem_that_nobody_finished_needs_a_worst_score():
    scores = [[[1.0], [np.nan]]]
    with pytest.raises(ValueError, match="problem 1 failed"):
        as_runs(scores, True, None)
    assert as_runs(scores, True, [0.0, -4.0]).filled()[0, 1, 0] == -4.0


@pytest.mark.parametrize(
    ("scores", "higher", "worst", "message"),
    [
        ([1.0], True, None, "scores: must have shape"),
        (np.zeros((1, 0, 1)), True, None, "none of them 0"),
        ([[[1.0]]], 1, None, "higher_is_better"),
        ([[[1.0]]], [True, False], None, "higher_is_better"),
        ([[[1.0]]], True, np.nan, "worst: must be one finite number"),
    ],
)
def test_what_does_not_fit_is_refused(scores, higher, worst, message):
    with pytest.raises(ValueError, match=message):
        as_runs(scores, higher, worst)
