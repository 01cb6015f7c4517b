import numpy as np
import pytest

from moo.plotting import plot_rays
from moo.problems import fonseca_fleming

PREFERENCES = np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])


def rays(axes):
    return [line.get_xydata() for line in axes.lines if line.get_gid() == "ray"]


def degrees(vector):
    return np.degrees(np.arctan2(vector[1], vector[0]))


def entries(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_inverse_rays_equalise_the_weighted_losses_and_direct_ones_follow_the_preference():
    points = {"a": np.array([[1.0, 1.0], [1.6, 0.4], [0.5, 2.0]])}
    for rule, targets in (("inverse", [[1, 1], [0.8, 0.2], [0, 1]]), ("direct", PREFERENCES)):
        _, axes = plot_rays(points, PREFERENCES, rule=rule)
        targets = sorted(targets, key=degrees)
        for line, target in zip(rays(axes), targets, strict=True):
            assert line[0].tolist() == [0.0, 0.0]
            np.testing.assert_allclose(degrees(line[1]), degrees(target), atol=1e-9)
            on_frame = np.isclose(line[1], [axes.get_xlim()[1], axes.get_ylim()[1]])
            assert on_frame.any()
        expected = [f"{degrees(target):.0f}°" for target in targets]
        assert [text.get_text() for text in axes.texts] == expected


def test_the_miss_is_measured_from_the_ideal_point():
    found = {"a": np.array([[2.0, 3.0], [5.0, 2.0], [1.0, 4.0]]), "b": np.full((3, 2), 7.0)}
    figure, axes = plot_rays(found, PREFERENCES, ideal=(1.0, 1.0))
    off = [degrees([1, 2]) - 45, 0.0, 0.0]
    assert entries(figure)[0] == f"a: off by {np.mean(off):.1f}°, at most {max(off):.1f}°"
    off = [0, 45 - degrees([0.8, 0.2]), 45]
    assert entries(figure)[1] == f"b: off by {np.mean(off):.1f}°, at most 45.0°"
    assert all(line[0].tolist() == [1.0, 1.0] for line in rays(axes))


def test_points_and_the_exact_front():
    problem = fonseca_fleming(2)
    points = problem.pareto_front(3)
    figure, axes = plot_rays({"a": points}, PREFERENCES, problem)
    assert entries(figure)[0] == "Pareto front"
    drawn = next(line for line in axes.lines if line.get_label().startswith("a:"))
    assert np.array_equal(drawn.get_xydata(), points)
    assert axes.get_aspect() == 1.0


def test_angles_are_printed_where_there_is_room():
    share = np.linspace(0, 1, 41)
    preferences = np.stack([share, 1 - share], axis=1)
    _, axes = plot_rays({"a": preferences}, preferences, rule="direct")
    assert len(rays(axes)) == 41
    printed = [float(text.get_text().rstrip("°")) for text in axes.texts]
    assert 10 < len(printed) < 35
    assert printed == sorted(set(printed))


@pytest.mark.parametrize(
    ("points", "preferences", "options", "message"),
    [
        ({}, PREFERENCES, {}, "points is empty"),
        ({"a": np.ones((2, 2))}, PREFERENCES, {}, r"must be \(3, 2\), a row for each preference"),
        ({"a": np.ones((3, 3))}, np.ones((3, 3)), {}, r"must be \(K, 2\): rays are drawn in a pl"),
        ({"a": np.ones((1, 2))}, [[0.0, 0.0]], {}, "non-negative, and no row all 0"),
        ({"a": np.ones((1, 2))}, [[-1.0, 2.0]], {}, "non-negative, and no row all 0"),
        ({"a": np.ones((3, 2))}, PREFERENCES, {"rule": "epo"}, 'rule must be "inverse" or "dir'),
    ],
)
def test_unfit_input_is_refused(points, preferences, options, message):
    with pytest.raises(ValueError, match=message):
        plot_rays(points, preferences, **options)
