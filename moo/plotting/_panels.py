"""Rows of small panels that share one legend: the frame of the simpler figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from moo.plotting._style import StyledFigure, new_figure, width_inches

_LEAST_PANEL = 1.5
_TALLEST = 2.3


def row_of_panels(
    count: int, width: str | float,
    *, aspect: float = 0.75, share_x: bool = True, share_y: bool = False,
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Return a figure with `count` panels in rows as wide as legible, and their (count,) axes."""
    inches = width_inches(width)
    columns = max(1, min(count, int(inches / _LEAST_PANEL)))
    columns = math.ceil(count / math.ceil(count / columns))
    rows = math.ceil(count / columns)
    tall = min(aspect * inches / columns, _TALLEST)
    figure = new_figure(inches, rows * (tall + 0.1) + 0.45)
    grid = figure.add_gridspec(rows, columns)
    axes = np.empty(count, dtype=object)
    for i in range(count):
        axes[i] = figure.add_subplot(
            grid[divmod(i, columns)],
            sharex=axes[0] if share_x else None,
            sharey=axes[0] if share_y else None,
        )
        axes[i].xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes[i].tick_params(labelleft=not share_y or i % columns == 0)
    return figure, axes


def one_panel(
    labels: Sequence[str], width: str | float,
    *, aspect: float = 0.68, tallest: float = 2.9, below: float = 0.0,
    projection: str | None = None,
) -> tuple[StyledFigure, Any]:  # fmt: skip
    """Return a figure and its axes, made taller for the legend of those labels and what is below.

    Args:
        labels: what the legend above the axes will hold.
        width: inches or a preset.
        aspect: height of the axes over the width.
        tallest: inches that the axes do not exceed.
        below: inches under the axes, for a caption.
        projection: matplotlib's name of one, such as "polar".
    """
    inches = width_inches(width)
    rows = math.ceil(len(labels) / legend_columns(labels, inches)) if labels else 0
    figure = new_figure(inches, min(aspect * inches, tallest) + 0.17 * (rows + 1) + below)
    return figure, figure.add_subplot(projection=projection)


def step_axis(axes: Any, steps: Sequence[np.ndarray], log_steps: bool) -> None:
    """Label and limit an axis of iterations; a log axis starts at the first step above 0."""
    last = max(float(s[-1]) for s in steps)
    axes.set_xlabel("iteration")
    if log_steps:
        axes.set_xscale("log")
        axes.set_xlim(min(float(s[s > 0].min(initial=last)) for s in steps), last)
    elif last > 0:
        axes.set_xlim(0, last)


def shared_legend(figure: StyledFigure, axes: Any, title: str | None = None) -> None:
    """One legend above all panels, from the labelled artists of one of them."""
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        if title:
            figure.suptitle(title, fontsize="small")
        return
    columns = legend_columns(labels, figure.get_figwidth())
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, title=title)


def legend_columns(labels: Sequence[str], inches: float) -> int:
    """As many legend columns as fit, in rows of nearly equal length."""
    longest = 0.45 + 0.062 * max(map(len, labels))
    most = max(1, min(len(labels), int(inches / longest)))
    return math.ceil(len(labels) / math.ceil(len(labels) / most))
