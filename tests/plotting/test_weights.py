import dataclasses

import numpy as np
import pytest

from moo.plotting import plot_weights


def test_lines_are_the_median_weights(methods):
    _, axes = plot_weights(methods)
    assert [panel.get_title() for panel in axes] == list(methods)
    for panel, trajectory in zip(axes, methods.values(), strict=True):
        for i, line in enumerate(panel.lines):
            expected = np.median(trajectory.weights[:, :, i], axis=0)
            np.testing.assert_allclose(line.get_ydata(), expected)


def test_stacked_shares_sum_to_one_and_leave_the_unused_row_out(path):
    scaled = dataclasses.replace(path, weights=7.0 * path.weights)
    _, axes = plot_weights(scaled, "stack")
    first, second = (area.get_paths()[0].vertices for area in axes[0].collections)
    assert first[:, 0].max() == path.steps[-2]
    assert second[:, 1].max() == pytest.approx(1.0)
    expected = path.weights[:, :-1, 0].mean(axis=0)
    np.testing.assert_allclose(first[1:40, 1].min(), 0.0, atol=1e-12)
    assert first[:, 1].max() == pytest.approx(expected.max())


def test_negative_weights_cannot_be_stacked(path):
    negative = dataclasses.replace(path, weights=-path.weights)
    with pytest.raises(ValueError, match="'LS' has negative weights: use kind=\"lines\""):
        plot_weights(negative, "stack")


def test_missing_weights_are_named(path):
    bare = dataclasses.replace(path, weights=None)
    with pytest.raises(ValueError, match="'FAMO' has no weights"):
        plot_weights({"FAMO": bare})


def test_an_unknown_kind_is_refused(path):
    with pytest.raises(ValueError, match='kind must be "lines" or "stack", got'):
        plot_weights(path, "bars")
