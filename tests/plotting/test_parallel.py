import numpy as np
import pytest

from moo.plotting import plot_parallel

from .conftest import spiral


def test_a_line_a_solution_and_upward_is_better():
    scores = {"a": [[1.0, 5.0], [2.0, 9.0]], "b": [3.0, 6.0]}
    _, axes = plot_parallel(scores, ("AUC", "loss"), higher_is_better=(True, False))
    segments = [bundle.get_segments() for bundle in axes.collections[:2]]
    assert [line.tolist() for line in segments[0]] == [[[0, 0], [1, 1]], [[0, 0.5], [1, 0]]]
    assert [line.tolist() for line in segments[1]] == [[[0, 1], [1, 0.75]]]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["AUC ↑", "loss ↓"]


def test_the_ends_of_every_axis_are_printed():
    scores = {"a": [-0.25, 5.0], "b": [3.0, 9.0]}
    _, axes = plot_parallel(scores, higher_is_better=(True, False))
    ends = {(text.get_text(), text.xy) for text in axes.texts}
    assert ends == {("−0.25", (0, 0.0)), ("9", (1, 0.0)), ("3", (0, 1.0)), ("5", (1, 1.0))}


def test_long_names_are_turned():
    for name, turn in (("x", 0.0), ("a rather long name", 30.0)):
        _, axes = plot_parallel({"a": np.ones(8)}, [name] * 8)
        assert {text.get_rotation() for text in axes.get_xticklabels()} == {turn}


def test_a_trajectory_shows_its_ends():
    path = spiral(3)
    _, axes = plot_parallel({"LS": path})
    drawn = np.array(axes.collections[0].get_segments())[:, :, 1]
    last = path.objectives[:, -1].astype(float)
    np.testing.assert_allclose(drawn, (last.max(axis=0) - last) / np.ptp(last, axis=0), atol=1e-6)


def test_one_criterion_is_refused():
    with pytest.raises(ValueError, match="at least two criteria"):
        plot_parallel({"a": [1.0]})
