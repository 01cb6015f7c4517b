import numpy as np
import pytest

from moo.plotting import plot_losses
from moo.plotting._bands import summary


def test_a_line_is_the_median_over_starts(methods):
    figure, axes = plot_losses(methods)
    assert len(axes) == 2
    for i, panel in enumerate(axes):
        for line, trajectory in zip(panel.lines, methods.values(), strict=True):
            assert np.array_equal(line.get_xdata(), trajectory.steps)
            expected = np.median(trajectory.objectives[:, :, i].astype(float), axis=0)
            np.testing.assert_allclose(line.get_ydata(), expected)
    assert figure.legends[0].get_title().get_text() == "median and interquartile range, n = 3"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(methods)


def test_bands_by_their_definition():
    runs = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, np.nan]])
    middle, low, high = summary(runs, "quantile")
    assert (middle.tolist(), low.tolist(), high.tolist()) == ([2, 5], [1, 5], [3, 5])
    middle, low, high = summary(runs, "sem")
    assert middle.tolist() == [2.0, 5.0]
    np.testing.assert_allclose(high - middle, [np.sqrt(2.5 / 5), 0.0])
    np.testing.assert_allclose(middle - low, high - middle)
    middle, low, high = summary(runs, "bootstrap")
    assert middle.tolist() == [2.0, 5.0]
    # 1.96 standard errors of the resampled mean, sqrt(2 / 5), on a lattice of fifths
    np.testing.assert_allclose((middle[0] - low[0], high[0] - middle[0]), 1.24, atol=0.21)
    assert low[1] == high[1] == 5.0
    middle, low, high = summary(runs, None)
    assert np.array_equal(low, high)


def test_a_time_without_a_finite_value_gives_a_gap():
    runs = np.array([[1.0, np.nan], [3.0, np.nan]])
    for band in ("quantile", "sem", None):
        assert np.isnan(summary(runs, band)[0]).tolist() == [False, True]


def test_one_run_has_no_band():
    figure, axes = plot_losses({"a": np.ones((1, 4, 2))}, width="column")
    assert not axes[0].collections
    assert figure.legends[0].get_title().get_text() == "one run each"


def test_a_band_by_bootstrap_says_so(methods):
    figure, axes = plot_losses(methods, "bootstrap")
    assert len(axes[0].collections) == len(methods)
    assert figure.legends[0].get_title().get_text() == "mean and 95 % bootstrap interval, n = 3"


def test_different_numbers_of_runs_are_all_named():
    figure, _ = plot_losses({"a": np.ones((2, 4, 1)), "b": np.ones((5, 4, 1))}, band=None)
    assert figure.legends[0].get_title().get_text() == "mean, n = 2 to 5"


def test_scales_can_be_logarithmic(path):
    _, axes = plot_losses(path, log_steps=True, log_losses=True)
    assert axes[0].get_xscale() == axes[0].get_yscale() == "log"
    assert axes[0].get_xlim()[0] == 10


def test_an_unknown_band_is_refused(path):
    with pytest.raises(
        ValueError, match='band must be "quantile", "sem", "bootstrap" or None, got'
    ):
        plot_losses(path, band="std")
