"""Differences from a baseline along a number that problems differ in, a panel a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import ArrayLike

from moo.plotting._differences import checked_intervals, checked_margins
from moo.plotting._inputs import Float
from moo.plotting._panels import legend_columns, row_of_panels, shared_legend
from moo.plotting._scales import criteria_names
from moo.plotting._series import abscissa
from moo.plotting._style import StyledFigure, series_marker, series_style, style

_APART = 0.05  # of the log axis between two entrants of one problem, in units of problems' spacing


def plot_along(
    differences: ArrayLike, low: ArrayLike, high: ArrayLike,
    *, at: ArrayLike, groups: Sequence[str], names: Sequence[str] = (),
    margin: ArrayLike | None = None, labels: tuple[str, str] = ("", "difference, better →"),
    width: str | float = "page",
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw differences from a baseline along a number, such as a rate that problems differ in.

    The axis of the number is logarithmic. Every entrant has a line through its differences, with
    its intervals as bars; entrants are set apart a little so that bars do not cover each other.
    Above the line at 0 is better than the baseline; within the shaded margin a difference does not
    matter.

    Args:
        differences: (E, P) of E entrants on P problems, or (M, E, P) of M metrics; positive where
            the entrant is better, NaN where it has none.
        low: lower ends of the intervals, of the same shape; NaN where there is no difference.
        high: upper ends, likewise.
        at: (P,) increasing positive numbers, the problems'.
        groups: the E entrants' names.
        names: the M metrics' names, to stand above the panels.
        margin: the difference that does not matter, at least 0, a number or (M,); None shades none.
        labels: what the number is, and what the differences are.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure, and its axes of shape (M,).

    Raises:
        ValueError: if a shape does not fit, a number is infinite, `at` is not positive and
            increasing, an interval ends before it begins or is missing, or a margin is negative.

    Example:
        >>> import moo.plotting
        >>> figure, axes = moo.plotting.plot_along(
        ...     [[0.00, 0.02]], [[-0.01, 0.01]], [[0.01, 0.03]], at=(0.01, 0.5), groups=("mask",))
        >>> axes[0].lines[-1].get_ydata().tolist()
        [0.0, 0.02]
    """
    x = np.asarray(at, dtype=float)
    found = checked_intervals(differences, low, high, [str(one) for one in x.ravel()], groups)
    x = abscissa("at", x, found.middle.shape[-1])
    if x[0] <= 0:
        raise ValueError(f"at must be positive for a log axis, got {x[0]:g}")
    margins = checked_margins(margin, len(found.middle))
    titles = criteria_names(len(found.middle), names) if len(names) or len(margins) > 1 else [""]
    with style():
        figure, axes = row_of_panels(len(margins), width)
        rows = math.ceil(len(groups) / legend_columns(groups, figure.get_figwidth()))
        figure.set_figheight(figure.get_figheight() + 0.17 * rows + 0.4)
        for m, panel in enumerate(axes):
            _frame(panel, x, margins[m], labels[0])
            for e, group in enumerate(groups):
                ends = found.low[m, e], found.middle[m, e], found.high[m, e]
                _draw_entrant(panel, x * _shift(x, e, len(groups)), *ends, group, e)
            panel.set_title(titles[m])
        axes[0].set_ylabel(labels[1])
        shared_legend(figure, axes[0])
        figure.freeze()
    return figure, axes


def _frame(panel: Axes, x: Float, margin: float, label: str) -> None:
    panel.set_xscale("log")
    panel.set_xlabel(label)
    panel.set_xticks(x)
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2g}"))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.tick_params(axis="x", labelsize="x-small", rotation=45)
    if margin > 0:
        panel.axhspan(-margin, margin, color="#e9ecef", linewidth=0, zorder=-1, gid="margin")
    panel.axhline(0, color="#555555", linewidth=0.7, zorder=1)


def _shift(x: Float, index: int, count: int) -> float:
    """The factor that sets an entrant apart from the others."""
    spacing = float(np.diff(np.log(x)).min()) if len(x) > 1 else 1.0
    return float(np.exp((index - (count - 1) / 2) * _APART * spacing))


def _draw_entrant(
    panel: Axes, x: Float, low: Float, middle: Float, high: Float, label: str, index: int
) -> None:
    known = np.isfinite(middle)
    color = series_style(index)["color"]
    panel.vlines(x[known], low[known], high[known], linewidth=0.9, zorder=2, color=color)
    panel.plot(
        x[known], middle[known], "-" + series_marker(index), markersize=3.4, markeredgewidth=0,
        linewidth=0.8, zorder=3, label=label, color=color,
    )  # fmt: skip
