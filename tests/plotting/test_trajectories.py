import dataclasses

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.legend import Legend

from moo.plotting import plot_trajectories

from .conftest import spiral


def by_gid(axes, gid):
    return [line for line in axes.lines if line.get_gid() == gid]


@pytest.fixture(scope="module")
def drawn(methods, toy):
    return plot_trajectories(methods, toy, "both", resolution=24)


def test_a_column_of_panels_a_method(drawn, methods):
    figure, axes = drawn
    assert axes.shape == (2, 3)
    assert [panel.get_title() for panel in axes[0]] == list(methods)
    assert figure.get_figwidth() == 6.75


def test_limits_are_shared_in_a_row(drawn):
    _, axes = drawn
    for row in axes:
        assert len({(panel.get_xlim(), panel.get_ylim()) for panel in row}) == 1


def test_markers_are_at_the_first_and_the_last_point(drawn, methods):
    _, axes = drawn
    for panels, values in zip(axes, ("params", "objectives"), strict=True):
        for panel, trajectory in zip(panels, methods.values(), strict=True):
            points = getattr(trajectory, values)
            (starts,) = by_gid(panel, "starts")
            assert np.array_equal(starts.get_xydata(), points[:, 0])
            ends = by_gid(panel, "ends") + by_gid(panel, "ends off the front")
            found = np.concatenate([line.get_xydata() for line in ends])
            assert sorted(found.tolist()) == sorted(points[:, -1].astype(float).tolist())
            assert [text.get_text() for text in panel.texts] == ["1", "2", "3"]


def test_paths_pass_through_points_of_the_trajectory_only(drawn, methods):
    _, axes = drawn
    for panel, trajectory in zip(axes[0], methods.values(), strict=True):
        (collection,) = [c for c in panel.collections if isinstance(c, LineCollection)]
        vertices = np.concatenate([line.vertices for line in collection.get_paths()])
        vertices = vertices[~np.isnan(vertices[:, 0])]
        known = {tuple(point) for point in trajectory.params.reshape(-1, 2).astype(float)}
        assert {tuple(point) for point in vertices} <= known


def test_the_ground_is_the_cosine_map_with_contours_and_the_exact_set(drawn, toy):
    _, axes = drawn
    for panel in axes[0]:
        values = np.asarray(panel.images[0].get_array())
        assert values.shape == (24, 24)
        assert np.nanmin(values) >= -1
        assert np.nanmax(values) <= 1
        assert len(by_gid(panel, "contours")) == 2
        (curve,) = by_gid(panel, "exact")
        assert np.allclose(curve.get_xydata(), toy.pareto_set(400))
    for panel in axes[1]:
        assert not panel.images
        assert len(by_gid(panel, "exact")) == 1


def test_one_legend_names_what_is_drawn(drawn):
    figure, axes = drawn
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Pareto set and front",
        "start",
        "end",
        "end, off the front",
    ]
    assert not any(isinstance(child, Legend) for p in axes.flat for child in p.get_children())


def test_two_bars_without_frames(drawn):
    figure, axes = drawn
    bars = [panel for panel in figure.axes if panel not in set(axes.flat)]
    assert [bar.get_xlabel() for bar in bars] == [r"$\cos(g_{1}, g_{2})$", "iteration"]
    assert not any(bar.spines["outline"].get_visible() for bar in bars)


def test_nothing_is_clipped_or_overlaps(drawn):
    figure, axes = drawn
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    tight = figure.get_tightbbox(renderer)
    assert tight.x0 >= 0
    assert tight.y0 >= 0
    assert tight.x1 <= page.width / figure.dpi
    assert tight.y1 <= page.height / figure.dpi
    boxes = [panel.get_tightbbox(renderer, for_layout_only=True) for panel in axes.flat]
    for i, first in enumerate(boxes):
        for second in boxes[i + 1 :]:
            assert not first.shrunk(0.98, 0.98).overlaps(second.shrunk(0.98, 0.98))


def test_eight_methods_wrap_into_blocks(toy):
    figure, axes = plot_trajectories(
        {f"method {i}": spiral(2, 6) for i in range(8)}, toy, "both", resolution=8
    )
    assert axes.shape == (2, 8)
    tops = [round(panel.get_position().y0, 3) for panel in axes[0]]
    assert len(set(tops[:4])) == len(set(tops[4:])) == 1
    assert axes[1, 0].get_position().y1 > axes[0, 4].get_position().y1
    assert min(panel.get_position().width * figure.get_figwidth() for panel in axes.flat) > 1.2


def test_columns_can_be_set(methods):
    _, axes = plot_trajectories(methods, space="objectives", columns=1, width="column")
    assert len({round(panel.get_position().y0, 3) for panel in axes[0]}) == 3


def test_ends_on_the_front_are_white_and_tolerance_none_asks_nothing(toy):
    front = toy.pareto_front(3).astype(np.float32)
    losses = np.stack([front + 5.0, front], axis=1)
    figure, axes = plot_trajectories(losses, toy, "objectives", width="column")
    assert not by_gid(axes[0, 0], "ends off the front")
    assert len(figure.legends[0].get_texts()) == 3
    _, axes = plot_trajectories(losses[:, ::-1], toy, "objectives", width="column")
    assert len(by_gid(axes[0, 0], "ends off the front")[0].get_xydata()) == 3
    _, axes = plot_trajectories(losses[:, ::-1], toy, "objectives", width="column", tolerance=None)
    assert not by_gid(axes[0, 0], "ends off the front")


def test_trained_networks_need_no_problem(path):
    figure, axes = plot_trajectories(path)
    assert axes.shape == (2, 1)
    assert not axes[0, 0].images
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["start", "end"]


def test_columns_must_be_positive(path):
    with pytest.raises(ValueError, match="columns must be at least 1, got 0"):
        plot_trajectories(path, columns=0)


def test_one_method_at_page_width_has_its_planes_abreast(path):
    _, axes = plot_trajectories(path)
    left, right = axes[0, 0].get_position(), axes[1, 0].get_position()
    assert left.x1 < right.x0
    assert round(left.y0, 3) == round(right.y0, 3)
    _, axes = plot_trajectories(path, width="column")
    assert axes[0, 0].get_position().y0 > axes[1, 0].get_position().y1


def test_a_given_verdict_replaces_the_tolerance(methods):
    figure, axes = plot_trajectories(
        methods, space="objectives", reached={"MGDA": [True, False, True]}
    )
    found = {panel.get_title(): by_gid(panel, "ends off the front") for panel in axes[0]}
    assert [bool(found[label]) for label in methods] == [False, True, False]
    expected = methods["MGDA"].objectives[[1], -1]
    assert np.array_equal(found["MGDA"][0].get_xydata(), expected)
    assert figure.legends[0].get_texts()[-1].get_text() == "end, off the front"


def test_a_verdict_of_all_reached_leaves_no_orange_end(methods, toy):
    verdict = {label: np.ones(3, bool) for label in methods}
    figure, _ = plot_trajectories(methods, toy, "objectives", reached=verdict)
    assert len(figure.legends[0].get_texts()) == 3


@pytest.mark.parametrize(
    ("reached", "error", "message"),
    [
        ({"ls": [True] * 3}, ValueError, r"reached has 'ls', which is none of \['LS'\]"),
        ({"LS": [True] * 2}, ValueError, r"one bool for each of 3 starts, got shape \(2,\)"),
        ({"LS": [0.1, 0.2, 0.3]}, TypeError, r"reached\['LS'\] must hold bools, got float64"),
        ([True] * 3, TypeError, "reached must be a mapping label -> bools, got list"),
    ],
)
def test_an_unfit_verdict_is_refused(reached, error, message, path):
    with pytest.raises(error, match=message):
        plot_trajectories(path, space="objectives", reached=reached)


def test_objectives_alone_are_drawn_where_there_are_no_params(path):
    bare = dataclasses.replace(path, params=None)
    assert plot_trajectories(bare)[1].shape == (1, 1)
    with pytest.raises(ValueError, match=r"no params: moo\.fit needs keep_params=True"):
        plot_trajectories(bare, space="params")


def test_the_name_of_a_problem_is_no_problem(path):
    with pytest.raises(TypeError, match=r"got 'two_task_toy': give moo\.problem\(\.\.\.\)"):
        plot_trajectories(path, "two_task_toy")
