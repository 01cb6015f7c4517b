"""The figures of the theory workbench, from results made by hand."""

import numpy as np
import pytest

import moo.plotting
from moo.diagnostics import theory

UNKNOWN = theory.Fit(np.nan, np.nan, np.nan)
AT = np.array([10, 100, 1000])


def marks(axes):
    """Points of the marks, without the lines that join them and the keys of the legend."""
    lines = [
        line for line in axes.lines if line.get_marker() in "osD^vPX" and len(line.get_xdata())
    ]
    return [(line.get_xydata().tolist(), line.get_markerfacecolor()) for line in lines]


def test_a_bias_within_noise_is_an_open_mark_at_twice_its_error():
    found = theory.DirectionBias(AT, np.array([0.5, 0.1, 0.0]), np.full(3, 0.06), AT, UNKNOWN)
    _, axes = moo.plotting.plot_bias({"mgda": found})
    (clear, colour), (noise, white) = marks(axes)
    assert clear == [[10, 0.5]]
    assert noise == [[100, 0.12], [1000, 0.12]]
    assert (white == "white", colour == "white") == (True, False)


def test_covariances_stand_side_by_side_around_their_coordinate():
    found = theory.WeightCovariance(
        np.array([0.2, -0.1]), np.full(2, 0.01), np.zeros(2), np.full(2, 0.02), np.full(2, 0.5)
    )
    _, axes = moo.plotting.plot_covariance({"a": found, "b": found})
    drawn = marks(axes)
    places = np.array([[x for x, _ in points] for points, _ in drawn])
    np.testing.assert_allclose(places.mean(axis=0), [0, 1], atol=1e-12)
    assert (np.diff(places, axis=0) > 0.05).all()
    assert [points[0][1] for points, _ in drawn] == [0.2, 0, 0.2, 0]
    assert [fill == "white" for _, fill in drawn] == [False, True, False, True]
    ends = np.array([bars.get_segments()[0] for bars in axes.collections])[:, :, 1]
    np.testing.assert_allclose(np.diff(ends, axis=1)[:, 0], [0.04, 0.08, 0.04, 0.08])


def test_the_share_of_points_counts_a_step_that_was_reached():
    found = theory.DescentCertificate(
        np.ones((4, 2)),
        np.ones(4, bool),
        np.array([0.0, 0.1, 1.0, 1.0]),
        np.array([0.1, 1.0, 10.0]),
    )
    _, axes = moo.plotting.plot_descent({"upgrad": found})
    ((points, _),) = marks(axes)
    assert points == [[0.1, 0.75], [1.0, 0.5], [10.0, 0.0]]


def test_sensitivity_leaves_out_angles_where_no_weight_moves():
    values = np.array([[4.0, 0.0, 6.0], [2.0, 0.0, 8.0]])
    found = theory.WeightSensitivity(
        np.array([0.3, 0.1, 0.03]), values, values, np.zeros(3), theory.Fit(-2.0, -2.1, -1.9)
    )
    figure, axes = moo.plotting.plot_sensitivity({"mgda": found})
    ((points, _),) = marks(axes)
    assert [y for _, y in points if np.isfinite(y)] == [3, 7]
    assert figure.legends[0].get_texts()[0].get_text() == "mgda: −2.00 [−2.10, −1.90]"


def test_convergence_draws_methods_that_have_the_quantity():
    values, none = 1 / np.sqrt(AT)[None], np.full((1, 3), np.nan)
    runs = {
        "mgda": theory.Convergence(AT, values, 2 * values, UNKNOWN, UNKNOWN),
        "graddrop": theory.Convergence(AT, values, none, UNKNOWN, UNKNOWN),
    }
    both, _ = moo.plotting.plot_convergence(runs)
    one, axes = moo.plotting.plot_convergence(runs, quantity="avoidance")
    assert [len(figure.legends[0].get_texts()) for figure in (both, one)] == [2, 1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 2 * values[0])
    with pytest.raises(
        ValueError, match="none of the results has a number of quantity='avoidance'"
    ):
        moo.plotting.plot_convergence({"graddrop": runs["graddrop"]}, quantity="avoidance")
    with pytest.raises(ValueError, match="quantity must be"):
        moo.plotting.plot_convergence(runs, quantity="rate")


def test_an_avoidance_of_0_has_a_linear_axis():
    perfect = np.array([[0.5, 0.1, 0.0]])
    found = theory.Convergence(AT, 1 + perfect, perfect, UNKNOWN, UNKNOWN)
    _, axes = moo.plotting.plot_convergence({"mgda": found}, quantity="avoidance")
    assert axes.get_yscale() == "linear"
    ((points, _),) = marks(axes)
    assert [y for _, y in points] == [0.5, 0.1, 0]


def test_negative_regret_has_a_linear_axis_and_positive_regret_a_rate():
    up = np.sqrt(AT)[None] * [[1.0], [3.0]]
    figure, axes = moo.plotting.plot_regret({"mean": theory.Regret(AT, up, UNKNOWN)})
    assert axes.get_yscale() == "log"
    assert figure.legends[0].get_texts()[0].get_text().startswith("mean: 0.50")
    _, axes = moo.plotting.plot_regret({"mean": theory.Regret(AT, -up, UNKNOWN)})
    assert axes.get_yscale() == "linear"
    ((points, _),) = marks(axes)
    np.testing.assert_allclose([y for _, y in points], -2 * np.sqrt(AT))


def test_stability_draws_distance_and_generalisation():
    gaps = np.stack([np.full((3, 2), [1.0, 3.0]), np.full((3, 2), [2.0, 6.0])])
    found = theory.Stability(AT, np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 1.0]]), gaps, UNKNOWN)
    _, (left, right) = moo.plotting.plot_stability({"mean": found})
    assert [y for _, y in marks(left)[0][0]] == [4, 3, 1]
    assert [y for _, y in marks(right)[0][0]] == [3, 3, 3]  # of the objectives, then of the seeds
    low, high = right.collections[0].get_segments()[0][:, 1]
    assert high - low == pytest.approx(4 * 1)  # seeds 2 and 4: an error of 1


@pytest.mark.parametrize(
    "draw",
    ["bias", "convergence", "covariance", "descent", "regret", "sensitivity", "stability"],
)
@pytest.mark.parametrize("found", [{}, [1, 2]])
def test_nothing_to_draw_is_refused(draw, found):
    with pytest.raises(ValueError, match="found must be a mapping label -> result"):
        getattr(moo.plotting, f"plot_{draw}")(found)
