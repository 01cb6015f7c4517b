import numpy as np
import pytest

from moo.plotting import plot_rate
from moo.plotting._rate import fit_rate

STEPS = np.geomspace(100, 100_000, 13)


def entries(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def lines(axes, gid):
    return [line.get_xydata() for line in axes.lines if line.get_gid() == gid]


def test_a_power_law_is_found_exactly_wherever_the_points_lie():
    for steps in (STEPS, np.arange(1.0, 500.0), np.array([1.0, 2.0, 50.0, 60.0])):
        fit = fit_rate(steps, (3 * steps**-0.75)[None])
        np.testing.assert_allclose((fit.slope, np.exp(fit.intercept)), (-0.75, 3.0), rtol=1e-9)
        assert np.isnan((fit.low, fit.high)).all()


def test_on_a_geometric_grid_the_fit_is_ordinary_least_squares():
    errors = STEPS**-0.5 * np.exp(np.random.default_rng(0).normal(size=(1, 13)))
    slope, intercept = np.polyfit(np.log(STEPS), np.log(errors[0]), 1)
    fit = fit_rate(STEPS, errors)
    np.testing.assert_allclose((fit.slope, fit.intercept), (slope, intercept))


def test_the_interval_covers_the_rate_of_noisy_runs():
    rng = np.random.default_rng(1)
    noise = np.exp(0.3 * rng.normal(size=(200, 20, len(STEPS))))
    fits = [fit_rate(STEPS, STEPS**-0.5 * runs) for runs in noise]
    covered = np.mean([fit.low <= -0.5 <= fit.high for fit in fits])
    assert 0.85 < covered < 0.99


def test_the_first_quarter_of_the_log_axis_is_drawn_and_not_fitted():
    errors = np.where(STEPS < 500, 1e3, 1.0) / STEPS
    figure, axes = plot_rate({"a": errors}, STEPS)
    assert entries(figure) == ["a: −1.00", "not fitted"]
    assert np.array_equal(axes.lines[0].get_xdata(), STEPS)
    (fitted,) = lines(axes, "fit")
    kept = STEPS[3:]
    np.testing.assert_allclose(fitted[:, 0], kept[[0, -1]])
    np.testing.assert_allclose(fitted[:, 1], 1 / kept[[0, -1]])
    (shade,) = axes.patches
    np.testing.assert_allclose((shade.get_x(), shade.get_width()), (STEPS[0], kept[0] - STEPS[0]))
    figure, _ = plot_rate({"a": errors}, STEPS, dropped=0)
    assert len(entries(figure)) == 1


def test_slope_interval_and_number_of_runs_are_printed():
    runs = np.stack([STEPS**-0.5, 3 * STEPS**-0.5])
    figure, _ = plot_rate({"a": runs, "b": STEPS**-1}, STEPS)
    assert entries(figure)[:2] == ["a: −0.50 [−0.50, −0.50]", "b: −1.00"]
    title = figure.legends[0].get_title().get_text()
    assert title == "fitted slope (black) [95 % bootstrap], n = 1 to 2"
    noisy = np.exp(np.random.default_rng(2).normal(size=(6, 13))) / STEPS
    fit = fit_rate(STEPS[3:], noisy[:, 3:])
    figure, _ = plot_rate(noisy, STEPS)
    words = f"{fit.slope:.2f} [{fit.low:.2f}, {fit.high:.2f}]".replace("-", "−")
    assert entries(figure)[0] == words


def test_a_reference_has_its_slope_and_lies_below_all_curves():
    errors = {"a": 2 * STEPS**-0.5, "b": 9 * STEPS**-0.6}
    _, axes = plot_rate(errors, STEPS, reference=(-0.5, -1))
    drawn = lines(axes, "reference")
    for line, slope in zip(drawn, (-0.5, -1), strict=True):
        np.testing.assert_allclose(np.diff(np.log(line[:, 1])) / np.diff(np.log(STEPS)), slope)
        assert all((line[:, 1] < values).all() for values in errors.values())
    assert [text.get_text() for text in axes.texts] == ["$T^{-0.5}$", "$T^{-1}$"]


@pytest.mark.parametrize(
    ("errors", "steps", "options", "message"),
    [
        ([1.0, 0.0, 1.0, 1.0], [1, 2, 3, 4], {}, "must be finite and positive: a failed run"),
        ([1.0, np.nan, 1.0, 1.0], [1, 2, 3, 4], {}, "must be finite and positive"),
        ([1.0, 1.0, 1.0], [0, 1, 2], {}, "steps must be positive for a log axis"),
        ([1.0, 1.0, 1.0], [1, 2, 4], {}, "three points or more, got 2 after the drop"),
        ([1.0, 1.0, 1.0], [1, 2, 4], {"dropped": 1.0}, r"a share in \[0, 1\), got 1"),
        ([1.0, 1.0, 1.0], [1, 2], {}, r"steps must have shape \(3,\)"),
    ],
)
def test_unfit_errors_are_refused(errors, steps, options, message):
    with pytest.raises(ValueError, match=message):
        plot_rate({"a": errors}, steps, **options)


@pytest.mark.parametrize(("steps", "named"), [((16, 64, 256), True), ((10, 100, 1000), False)])
def test_a_short_axis_is_named_at_its_points(steps, named):
    figure, axes = plot_rate(1 / np.asarray(steps), steps, dropped=0.0)
    figure.canvas.draw()
    said = [text.get_text() for text in axes.get_xticklabels(which="both") if text.get_text()]
    assert (said == [str(step) for step in steps]) == named
