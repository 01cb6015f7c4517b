"""Differences from a baseline with their intervals: a forest plot, a panel a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from moo.plotting._inputs import Float
from moo.plotting._panels import legend_columns, row_of_panels, shared_legend
from moo.plotting._scales import criteria_names
from moo.plotting._style import StyledFigure, series_marker, series_style, style

_SLOT = 0.075  # inches from entrant to entrant
_BETWEEN = 0.09  # inches between the entrants of two rows
_TICK = 0.6  # inches from number to number
_LINE = 0.13  # inches of a line of a row's name


def plot_differences(
    differences: ArrayLike, low: ArrayLike, high: ArrayLike,
    *, rows: Sequence[str], groups: Sequence[str], names: Sequence[str] = (),
    margin: ArrayLike | None = None, label: str = "difference, better →",
    width: str | float = "page",
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw differences from a baseline with their intervals: a forest plot, a panel a metric.

    Every problem has a row, the first on top, in which every entrant has a marker at its difference
    and a line over its interval. Right of the line at 0 is better than the baseline; within the
    shaded margin a difference does not matter.

    Args:
        differences: (E, P) of E entrants on P problems, or (M, E, P) of M metrics; positive where
            the entrant is better, NaN where it has none.
        low: lower ends of the intervals, of the same shape; NaN where there is no difference.
        high: upper ends, likewise.
        rows: the P problems' names, which may have several lines.
        groups: the E entrants' names.
        names: the M metrics' names, to stand above the panels.
        margin: the difference that does not matter, at least 0, a number or (M,); None shades none.
        label: what the differences are, below the panels.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure, and its axes of shape (M,).

    Raises:
        ValueError: if a shape does not fit, a number is infinite, an interval ends before it
            begins or is missing, or a margin is negative.

    Example:
        >>> import moo.plotting
        >>> figure, axes = moo.plotting.plot_differences(
        ...     [[0.02, -0.01]], [[0.01, -0.03]], [[0.03, 0.01]],
        ...     rows=("shop", "short_video"), groups=("anchored",), margin=0.005)
        >>> axes[0].lines[-1].get_xydata().tolist()
        [[0.02, 0.0], [-0.01, 1.0]]
    """
    found = checked_intervals(differences, low, high, rows, groups)
    metrics = len(found.middle)
    margins = checked_margins(margin, metrics)
    titles = criteria_names(metrics, names) if len(names) or metrics > 1 else [""]
    with style():
        figure, axes = _panels(metrics, width, rows, groups)
        for m, panel in enumerate(axes):
            _frame(panel, rows, margins[m])
            for e, group in enumerate(groups):
                ends = found.low[m, e], found.middle[m, e], found.high[m, e]
                _draw_entrant(panel, *ends, group, e, len(groups))
            panel.set_title(titles[m])
        figure.supxlabel(label, fontsize="medium")
        shared_legend(figure, axes[0])
        figure.freeze()
    return figure, axes


class Intervals(NamedTuple):
    """Differences between their ends, each (metrics, entrants, problems)."""

    low: Float
    middle: Float
    high: Float


def checked_intervals(
    differences: ArrayLike, low: ArrayLike, high: ArrayLike,
    rows: Sequence[str], groups: Sequence[str],
) -> Intervals:  # fmt: skip
    arrays = [np.asarray(one, dtype=float) for one in (low, differences, high)]
    shapes = {one.shape for one in arrays}
    wanted = (len(groups), len(rows))
    if len(shapes) > 1 or arrays[0].ndim not in (2, 3) or arrays[0].shape[-2:] != wanted:
        raise ValueError(
            f"differences, low and high must be (..., {wanted[0]}, {wanted[1]}), one a group and "
            f"row, got {[one.shape for one in arrays]}"
        )
    if not arrays[0].size:
        raise ValueError(f"differences must not be empty, got shape {arrays[0].shape}")
    if any(np.isinf(one).any() for one in arrays):
        raise ValueError("differences, low and high must not be infinite: give NaN for none")
    found = Intervals(*(one if one.ndim == 3 else one[None] for one in arrays))
    missing = [np.isnan(one) for one in found]
    if (missing[0] != missing[1]).any() or (missing[2] != missing[1]).any():
        raise ValueError("low and high must be NaN where differences are, and only there")
    if (found.low > found.high).any():
        raise ValueError("low must not be above high")
    return found


def checked_margins(margin: ArrayLike | None, metrics: int) -> Float:
    """One margin a metric; 0 for none."""
    given = np.asarray(0.0 if margin is None else margin, dtype=float)
    if given.shape not in ((), (metrics,)) or not (np.isfinite(given) & (given >= 0)).all():
        raise ValueError(f"margin must be a number or ({metrics},), at least 0, got {margin!r}")
    return np.broadcast_to(given, (metrics,))


def _panels(
    count: int, width: str | float, rows: Sequence[str], groups: Sequence[str]
) -> tuple[StyledFigure, np.ndarray]:
    """Panels so tall that all markers and names of rows lie below each other."""
    figure, axes = row_of_panels(count, width, share_x=False, share_y=True)
    inches, grid = figure.get_figwidth(), axes[0].get_subplotspec().get_gridspec()
    lines = max(name.count("\n") + 1 for name in rows)
    row = max(len(groups) * _SLOT + _BETWEEN, lines * _LINE)
    legend = 0.17 * math.ceil(len(groups) / legend_columns(groups, inches))
    figure.set_figheight(grid.nrows * (len(rows) * row + 0.4) + legend + 0.27)
    numbers = max(4, int(inches / grid.ncols / _TICK))
    for panel in axes:
        panel.xaxis.set_major_locator(MaxNLocator(numbers, steps=[1, 2, 5, 10]))
    return figure, axes


def _frame(panel: Axes, rows: Sequence[str], margin: float) -> None:
    """Rows parted by thin lines, the line at 0, and the margin around it."""
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_yticks(range(len(rows)), rows)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    for edge in range(1, len(rows)):
        panel.axhline(edge - 0.5, color="#dddddd", linewidth=0.5, zorder=0)
    if margin > 0:
        panel.axvspan(-margin, margin, color="#e9ecef", linewidth=0, zorder=-1, gid="margin")
    panel.axvline(0, color="#555555", linewidth=0.7, zorder=1)


def _draw_entrant(
    panel: Axes, low: Float, middle: Float, high: Float, label: str, index: int, count: int
) -> None:
    """Markers and intervals of one entrant, in its slot of every row."""
    slot = (index - (count - 1) / 2) / (count + _BETWEEN / _SLOT)
    at = np.flatnonzero(np.isfinite(middle))
    look: dict[str, Any] = {"color": series_style(index)["color"]}
    panel.hlines(at + slot, low[at], high[at], linewidth=0.9, zorder=2, **look)
    panel.plot(
        middle[at], at + slot, series_marker(index), markersize=3.4, markeredgewidth=0,
        zorder=3, label=label, **look,
    )  # fmt: skip
