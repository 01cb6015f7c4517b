import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from moo.plotting._paths import (
    can_number,
    draw_ends,
    draw_paths,
    draw_starts,
    ends,
    thin,
    time_norm,
)

_FINE = np.full(2, 1e-9)


def pieces(collection, start):
    """The polylines of one start in the order of time, rejoined."""
    parts = []
    for line in collection.get_paths():
        points = line.vertices
        of_start = np.cumsum(np.isnan(points[:, 0])) == start
        parts.append(points[of_start & ~np.isnan(points[:, 0])])
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def test_segments_are_the_trajectory(path):
    axes = Figure().add_subplot()
    norm = time_norm([path.steps])
    collection = draw_paths(axes, path.params, path.steps, norm, _FINE)
    for start in range(3):
        assert np.array_equal(pieces(collection, start), path.params[start])


def test_colours_follow_the_time_of_the_segments_end(path):
    axes = Figure().add_subplot()
    collection = draw_paths(axes, path.params, path.steps, LogNorm(10, 390), _FINE)
    shades = np.asarray(collection.get_array())
    assert (np.diff(shades) > 0).all()
    ratio = (390 / 10) ** (1 / 20)
    assert shades[0] == pytest.approx(10 * ratio**0.5)
    assert shades[-1] == pytest.approx(390 / ratio**0.5)


def test_long_paths_become_images():
    axes = Figure().add_subplot()
    noise = np.random.default_rng(0).normal(size=(1, 9000, 2))
    steps = np.arange(9000)
    assert draw_paths(axes, noise, steps, time_norm([steps]), _FINE).get_rasterized()
    short = draw_paths(axes, noise[:, :50], steps[:50], time_norm([steps]), _FINE)
    assert not short.get_rasterized()


def test_one_recorded_point_is_no_path():
    axes = Figure().add_subplot()
    collection = draw_paths(axes, np.zeros((2, 1, 2)), np.zeros(1), time_norm([np.zeros(1)]), _FINE)
    assert collection.get_segments() == []


def test_thinning_keeps_points_of_the_path_and_stays_within_a_grain():
    t = np.linspace(0, 1, 400)
    path = np.stack([t, np.sin(9 * t) + 0.3 * (np.arange(400) == 200)], axis=1)
    grain = np.array([0.002, 0.01])
    kept = thin(path, grain)
    assert len(kept) < 200
    rows = {tuple(row) for row in path}
    assert all(tuple(row) in rows for row in kept)
    assert np.array_equal(kept[[0, -1]], path[[0, -1]])
    assert path[200].tolist() in kept.tolist()
    between = np.interp(path[:, 0], kept[:, 0], kept[:, 1])
    assert np.abs(between - path[:, 1]).max() < 2 * 0.01


def test_thinning_keeps_a_turn_back_on_the_same_line():
    path = np.array([[0.0, 0.0], [5.0, 0.0], [2.0, 0.0]])
    assert np.array_equal(thin(path, np.ones(2)), path)


def test_thinning_keeps_gaps():
    path = np.array([[0.0, 0.0], [1.0, 0.0], [np.nan, 0.0], [3.0, 0.0], [4.0, 0.0]])
    assert np.isnan(thin(path, np.full(2, 10.0))[:, 0]).sum() == 1


def test_time_runs_from_the_first_recorded_step_to_the_last():
    norm = time_norm([np.array([0, 100, 20_000])])
    assert (norm.vmin, norm.vmax) == (100, 20_000)
    assert time_norm([np.arange(10_001)]).vmin == pytest.approx(10_000 / 10**2.6)
    only_start = time_norm([np.array([0])])
    assert only_start.vmin < only_start.vmax


def test_ends_are_the_last_finite_points():
    paths = np.arange(12.0).reshape(2, 3, 2)
    paths[1, 2, 0] = np.inf
    assert ends(paths).tolist() == [[4.0, 5.0], [8.0, 9.0]]
    assert np.isnan(ends(np.full((1, 3, 2), np.nan))).all()


def test_starts_are_dots_with_numbers():
    axes = Figure().add_subplot()
    points = np.array([[0.0, 0.0], [1.0, 2.0]])
    draw_starts(axes, points, numbered=True)
    assert axes.lines[0].get_xydata().tolist() == points.tolist()
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    assert np.array_equal([text.xy for text in axes.texts], points)


def test_starts_on_top_of_each_other_are_not_numbered():
    grain = np.full(2, 0.01)
    assert can_number(np.array([[0.0, 0.0], [1.0, 0.0]]), grain)
    assert not can_number(np.array([[0.0, 0.0], [0.01, 0.0]]), grain)
    assert not can_number(np.array([[0.0, 0.0]]), grain)
    assert not can_number(np.arange(20.0).reshape(10, 2), grain)


def test_ends_off_the_front_have_their_own_marker():
    axes = Figure().add_subplot()
    points = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    draw_ends(axes, points, np.array([True, False, True]))
    found = {line.get_gid(): line.get_xydata().tolist() for line in axes.lines}
    assert found == {"ends": [[0.0, 1.0], [4.0, 5.0]], "ends off the front": [[2.0, 3.0]]}
