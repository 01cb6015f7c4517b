import dataclasses

import numpy as np
import pytest

from moo.plotting import plot_hypervolume
from moo.plotting._hypervolume import common_clock
from moo.problems import fonseca_fleming

from .conftest import spiral

RUNS = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 4.0]])
CORNER = (1.0, 1.0)


def test_a_panel_a_cost_and_a_line_a_method():
    costs = {"backward passes": [0, 20, 40], "seconds": {"a": [0.0, 1.0, 2.0], "b": [0, 5, 9]}}
    figure, axes = plot_hypervolume({"a": RUNS, "b": 2 * RUNS}, costs, reference=CORNER)
    assert [panel.get_xlabel() for panel in axes] == ["backward passes", "seconds"]
    for line in axes[0].lines:
        assert line.get_xdata().tolist() == [0, 20, 40]
    assert axes[1].lines[1].get_xdata().tolist() == [0, 5, 9]
    assert axes[1].lines[1].get_ydata().tolist() == [0.0, 4.0, 6.0]
    assert axes[1].get_xlim() == (0.0, 9.0)
    assert figure.legends[0].get_title().get_text() == "median and interquartile range, n = 2"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_the_axis_says_reference_point_and_normalisation():
    problem = fonseca_fleming(2)
    own = problem.reference_point
    cases = [
        ({"reference": (1.1, 2.0, 3.0)}, "hypervolume, not normalised\nreference (1.1, 2, 3)", 1),
        ({"reference": CORNER, "best": 4.0}, "hypervolume / 4\nreference (1, 1)", 4.0),
        (
            {"problem": problem},
            f"share of the front's hypervolume\nreference ({own[0]:g}, {own[1]:g})",
            problem.max_hypervolume,
        ),
        (
            {"problem": problem, "reference": (7.0, 8.0)},
            "hypervolume, not normalised\nreference (7, 8)",
            1,
        ),
    ]
    for options, label, divisor in cases:
        _, axes = plot_hypervolume({"a": RUNS}, **options)
        assert axes[0].get_ylabel() == label
        np.testing.assert_allclose(axes[0].lines[0].get_ydata(), [0, 2 / divisor, 3 / divisor])


def test_a_trajectory_is_the_set_of_its_starts_over_time(tmp_path):
    losses = np.array([[[0.5, 0.5], [0.25, 0.5]], [[0.5, 0.75], [np.nan, 0.0]]])
    path = dataclasses.replace(
        spiral(2, 2), objectives=losses, params=None, weights=None, cosines=None
    )
    _, axes = plot_hypervolume({"a": path}, reference=CORNER)
    assert axes[0].lines[0].get_xydata().tolist() == [[0, 0.25], [10, 0.375]]
    assert axes[0].get_xlabel() == "iteration"
    path.save(tmp_path / "trajectory.npz")
    _, axes = plot_hypervolume({"a": [path, tmp_path]}, reference=CORNER, band="sem")
    assert axes[0].lines[0].get_ydata().tolist() == [0.25, 0.375]


def test_clocks_of_their_own_carry_the_last_value_forward():
    clocks = np.array([[0.0, 1.0, 2.0], [0.5, 3.0, 4.0]])
    times, values = common_clock(clocks, RUNS)
    assert times[0] == 0.5
    assert times[-1] == 2.0
    for row, clock, run in zip(values, clocks, RUNS, strict=True):
        slow = [run[max(i for i in range(3) if clock[i] <= t)] for t in times]
        assert row.tolist() == slow
    _, axes = plot_hypervolume({"a": RUNS}, {"seconds": clocks}, reference=CORNER)
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), np.median(values, axis=0))


def test_costs_can_be_logarithmic():
    _, axes = plot_hypervolume({"a": RUNS}, {"x": [0, 10, 100]}, reference=(1, 1), log_costs=True)
    assert axes[0].get_xscale() == "log"
    assert axes[0].get_xlim() == (10.0, 100.0)


@pytest.mark.parametrize(
    ("curves", "options", "message"),
    [
        ({}, {"reference": CORNER}, "curves must map at least one label"),
        ({"a": RUNS}, {}, "reference: give the reference point"),
        ({"a": RUNS}, {"reference": CORNER, "best": 0.0}, "best must be a positive"),
        ({"a": RUNS}, {"reference": CORNER, "costs": {"s": {"b": [1]}}}, "no entry for 'a'"),
        ({"a": RUNS}, {"reference": CORNER, "costs": {"s": [1, 2]}}, r"costs 's' must have shape"),
        ({"a": RUNS}, {"reference": CORNER, "costs": {"s": np.ones((1, 3))}}, r"shape \(2, 3\)"),
        (
            {"a": RUNS},
            {"reference": CORNER, "costs": {"s": [[0, 1, 2], [3, 4, 5]]}},
            "clocks of the runs do not overlap",
        ),
        ({"a": [spiral(2, 5), spiral(2, 6)]}, {"reference": CORNER}, "at the same steps"),
    ],
)
def test_unfit_input_is_refused(curves, options, message):
    with pytest.raises(ValueError, match=message):
        plot_hypervolume(curves, **options)


def test_the_name_of_a_problem_is_no_problem():
    with pytest.raises(TypeError, match=r"give moo\.problem"):
        plot_hypervolume({"a": RUNS}, None, "fonseca_fleming")
