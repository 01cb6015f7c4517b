import dataclasses

import numpy as np
import pytest

from moo.plotting import plot_conflict

MATRIX = np.array([[1.0, -0.5, 0.25], [-0.5, 1.0, 0.0], [0.25, 0.0, 1.0]])


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_pairs_are_annotated_on_the_whole_scale():
    _, axes = plot_conflict(MATRIX, names=("a", "b", "c"))
    (image,) = axes.images
    assert np.array_equal(np.asarray(image.get_array()), MATRIX)
    assert image.get_clim() == (-1.0, 1.0)
    assert texts(axes)[:3] == ["1.00", "−0.50", "0.25"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]


def test_pairs_of_a_trajectory_are_the_mean_over_its_points(path):
    _, axes = plot_conflict(path)
    shown = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(shown, np.nanmean(path.cosines, axis=(0, 1)))


def test_layers_are_rows_and_pairs_columns():
    _, axes = plot_conflict({"trunk": MATRIX, "head": -MATRIX}, "layers")
    shown = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(shown, [[-0.5, 0.25, 0.0], [0.5, -0.25, 0.0]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["trunk", "head"]


def test_time_draws_a_line_a_pair(path):
    figure, axes = plot_conflict(path, "time")
    line = axes.lines[1]
    assert np.array_equal(line.get_xdata(), path.steps)
    np.testing.assert_allclose(line.get_ydata(), np.median(path.cosines[:, :, 0, 1], axis=0))
    assert axes.get_ylim() == (-1.05, 1.05)
    assert figure.legends[0].get_title().get_text() == "median and interquartile range, n = 3"
    figure, axes = plot_conflict(np.tile(MATRIX, (6, 1, 1)), "time", names=("a", "b", "c"))
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["a – b", "a – c", "b – c"]


def test_a_map_has_pairs_as_rows_and_a_cell_up_to_the_next_step(path):
    _, axes = plot_conflict(path, "map")
    (mesh,) = axes.collections
    shown = np.asarray(mesh.get_array())
    np.testing.assert_allclose(shown, path.cosines[:, :-1, 0, 1].mean(axis=0)[None])
    assert mesh.get_clim() == (-1.0, 1.0)
    assert axes.get_xlim() == (0.0, float(path.steps[-1]))
    matrices = np.tile(MATRIX, (6, 1, 1))
    _, axes = plot_conflict(matrices, "map", names=("a", "b", "c"), log_steps=True)
    assert np.asarray(axes.collections[0].get_array()).shape == (3, 5)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a – b", "a – c", "b – c"]


def test_classes_from_a_mapping_and_from_an_array():
    lines = {"clicked": np.linspace(-1, 0, 5), "converted": np.linspace(0, 1, 5)}
    _, axes = plot_conflict(lines, "classes", steps=10 * np.arange(5))
    assert axes.lines[1].get_xdata().tolist() == [0, 10, 20, 30, 40]
    assert np.array_equal(axes.lines[2].get_ydata(), lines["converted"])
    _, again = plot_conflict(np.stack(list(lines.values())), "classes", names=tuple(lines))
    assert np.array_equal(again.lines[2].get_ydata(), lines["converted"])


def test_an_undefined_cosine_is_marked_not_guessed():
    holes = MATRIX.copy()
    holes[0, 1] = holes[1, 0] = np.nan
    _, axes = plot_conflict(holes)
    assert texts(axes)[1] == "–"


@pytest.mark.parametrize(
    ("cosines", "kind", "error", "message"),
    [
        (MATRIX, "rows", ValueError, "kind must be one of pairs, layers, time, map, classes"),
        (MATRIX[:2], "pairs", ValueError, r"must be \(\.\.\., m, m\).* got shape \(2, 3\)"),
        (3 * MATRIX, "pairs", ValueError, r"must lie in \[-1, 1\], got one of size 3"),
        (np.nan * MATRIX, "pairs", ValueError, "holds no finite cosine"),
        ({"a": MATRIX}, "pairs", TypeError, 'a mapping is for kind="layers"'),
        (MATRIX, "layers", TypeError, "must be a mapping name -> array"),
        ({}, "layers", ValueError, "cosines is empty"),
        ({"a": MATRIX, "b": MATRIX[:2, :2]}, "layers", ValueError, "share their number of obj"),
        (MATRIX, "time", ValueError, r"over time must be \(time, m, m\)"),
        (MATRIX, "classes", ValueError, "with a name a class"),
        ({"a": np.zeros((1, 2, 3))}, "classes", ValueError, r"\(time,\) or \(runs, time\)"),
        ({"a": np.zeros(3), "b": np.zeros(4)}, "classes", ValueError, "must share their length"),
        (7, "pairs", TypeError, r"give a moo\.Trajectory"),
    ],
)
def test_unfit_input_is_refused(cosines, kind, error, message):
    with pytest.raises(error, match=message):
        plot_conflict(cosines, kind)


def test_a_trajectory_must_have_cosines_and_fit_the_kind(path):
    with pytest.raises(ValueError, match="has no cosines"):
        plot_conflict(dataclasses.replace(path, cosines=None))
    with pytest.raises(TypeError, match='kind="layers" takes a mapping'):
        plot_conflict(path, "layers")


def test_names_must_fit():
    with pytest.raises(ValueError, match="one name for each of 3 objectives"):
        plot_conflict(MATRIX, names=("a", "b"))
