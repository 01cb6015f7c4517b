"""Errors against the horizon on log-log axes, with the slope that was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from moo.plotting._bands import band_alpha
from moo.plotting._bootstrap import interval, resampled_means
from moo.plotting._inputs import Float
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._series import abscissa, common_points, count_words, labelled_runs
from moo.plotting._style import StyledFigure, series_marker, series_style, style

_FEW_POINTS = 15
_SHORT, _FEW_TICKS = 30, 5
_GREY = "#666666"


class Fit(NamedTuple):
    """A line log y = intercept + slope log x; the slope's interval is NaN for a single run."""

    slope: float
    intercept: float
    low: float
    high: float


def plot_rate(
    errors: Any, steps: Any,
    *, reference: float | Sequence[float] = (), dropped: float = 0.25,
    labels: tuple[str, str] = ("iterations $T$", "error"), width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    r"""Draw errors on log-log axes with the fitted rates and their bootstrap intervals.

    The rate of a method is the slope $s$ of $\log \bar e(T) \approx c + s \log T$, $\bar e$ the
    mean over its runs, by least squares along the log axis: points that lie dense on it count less
    each. The first quarter of the log axis, shaded, is not fitted. The interval holds the central
    95 % of the slopes of 2,000 resamples of whole runs, with a seed of their own. The legend says
    slope and interval; a single run has none.

    Args:
        errors: label -> (runs, points) positive errors, such as gaps to stationarity or regret,
            or one such array; several runs at the same `steps`.
        steps: (points,) increasing positive iterations or horizons.
        reference: slopes of dashed lines to compare with, such as -0.5.
        dropped: share of the log axis that is not fitted, in [0, 1).
        labels: what stands at the two axes.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if an error or step is not positive and finite, shapes do not fit, or fewer
            than three points are left to fit.

    Example:
        >>> import numpy as np, moo.plotting
        >>> steps = np.array([100, 300, 1000, 3000, 10000])
        >>> figure, axes = moo.plotting.plot_rate({"mean": 7 / np.sqrt(steps)}, steps)
        >>> figure.legends[0].get_texts()[0].get_text()
        'mean: −0.50'
    """
    found = labelled_runs("errors", errors)
    x = abscissa("steps", steps, common_points("errors", found))
    kept = _kept(x, found, dropped)
    fits = {label: fit_rate(x[kept], runs[:, kept]) for label, runs in found.items()}
    entries = [_entry(label, fit) for label, fit in fits.items()]
    with style():
        figure, axes = one_panel([*entries, "not fitted"], width)
        axes.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1])
        for i, (label, runs) in enumerate(found.items()):
            _draw_runs(axes, x, runs, entries[i], i, band_alpha(len(found)))
            _draw_fit(axes, x[kept], fits[label])
        _draw_references(axes, x, found, np.atleast_1d(np.asarray(reference, dtype=float)))
        axes.set_xlim(x[0], x[-1] * (x[-1] / x[0]) ** 0.02)
        _tick_at_points(axes, x)
        if not kept.all():
            axes.axvspan(
                x[0], x[kept][0], color="#eeeeee", linewidth=0, zorder=0, label="not fitted"
            )
        shared_legend(figure, axes, _title(found))
        figure.freeze()
    return figure, axes


def fit_rate(x: Float, runs: Float) -> Fit:
    """Fit the slope of the mean of (runs, points) errors on log-log axes, with its interval.

    Example:
        >>> x = np.array([1.0, 10.0, 100.0])
        >>> fit = fit_rate(x, np.stack([1 / x, 3 / x]))
        >>> round(fit.slope, 6), round(fit.low, 6), round(float(np.exp(fit.intercept)), 6)
        (-1.0, -1.0, 2.0)
    """
    at = np.log(x)
    weights = np.gradient(at)
    weights /= weights.sum()
    centred = at - weights @ at
    rule = weights * centred / (weights @ centred**2)
    line = np.log(runs.mean(axis=0))
    slope = float(rule @ line)
    low = high = np.nan
    if len(runs) > 1:
        low, high = map(float, interval(np.log(resampled_means(runs)) @ rule))
    return Fit(slope, float(weights @ line - slope * (weights @ at)), low, high)


def _kept(x: Float, found: dict[str, Float], dropped: float) -> np.ndarray:
    """Which points are fitted, after the checks of what came."""
    if not 0 <= dropped < 1:
        raise ValueError(f"dropped must be a share in [0, 1), got {dropped}")
    if x[0] <= 0:
        raise ValueError(f"steps must be positive for a log axis, got {x[0]:g}")
    for label, runs in found.items():
        if not (np.isfinite(runs) & (runs > 0)).all():
            raise ValueError(
                f"errors {label!r} must be finite and positive: a failed run has no rate, count it"
            )
    at = np.log(x)
    kept = np.asarray(at >= at[0] + dropped * (at[-1] - at[0]) - 1e-9)
    if kept.sum() < 3:
        raise ValueError(f"a slope takes three points or more, got {kept.sum()} after the drop")
    return kept


def _entry(label: str, fit: Fit) -> str:
    """A method's line in the legend: its slope, and the interval where there is one."""
    slope, low, high = (f"{v:.2f}".replace("-", "−") for v in (fit.slope, fit.low, fit.high))
    said = slope if np.isnan(fit.low) else f"{slope} [{low}, {high}]"
    return f"{label}: {said}" if label else said


def _title(found: dict[str, Float]) -> str:
    counts = {len(runs) for runs in found.values()}
    if counts == {1}:
        return "fitted slope (black), one run each"
    return f"fitted slope (black) [95 % bootstrap], {count_words(counts)}"


def _draw_runs(axes: Axes, x: Float, runs: Float, label: str, index: int, alpha: float) -> None:
    look = series_style(index)
    if len(runs) > 1:
        low, high = interval(resampled_means(runs))
        axes.fill_between(x, low, high, color=look["color"], alpha=alpha, linewidth=0)
    marker = series_marker(index) if len(x) <= _FEW_POINTS else None
    axes.plot(x, runs.mean(axis=0), label=label, marker=marker, markersize=3, **look)


def _draw_fit(axes: Axes, x: Float, fit: Fit) -> None:
    ends = x[[0, -1]]
    line = np.exp(fit.intercept) * ends**fit.slope
    axes.plot(ends, line, color="black", linewidth=0.6, gid="fit")


def _tick_at_points(axes: Axes, x: Float) -> None:
    """Name the few points of a short axis, whose labels between the decades would collide."""
    if x[-1] < _SHORT * x[0] and len(x) <= _FEW_TICKS:
        axes.set_xticks(x, labels=[f"{at:g}" for at in x])
        axes.set_xticks((), minor=True)


def _draw_references(axes: Axes, x: Float, found: dict[str, Float], slopes: Float) -> None:
    """Dashed lines below all curves, each with its power of T at the end."""
    means = np.stack([runs.mean(axis=0) for runs in found.values()])
    for slope in slopes:
        line = 0.6 * (means / x**slope).min() * x**slope
        axes.plot(x, line, color=_GREY, linestyle=(0, (3, 2)), linewidth=0.8, gid="reference")
        axes.annotate(
            f"$T^{{{slope:g}}}$", (x[-1], line[-1]), xytext=(4, 0), textcoords="offset points",
            va="center", color=_GREY, fontsize="small",
        )  # fmt: skip
