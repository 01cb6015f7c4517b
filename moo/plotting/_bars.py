"""Marks with bars of error, and the legend of what was measured: the workbench's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from matplotlib.axes import Axes

from moo.plotting._inputs import Float
from moo.plotting._panels import shared_legend
from moo.plotting._style import StyledFigure, series_marker, series_style

if TYPE_CHECKING:
    from moo.diagnostics.theory import Fit

Result = TypeVar("Result")


def labelled(found: Mapping[str, Result]) -> Mapping[str, Result]:
    """Return label -> result, after a check that there is one.

    Raises:
        ValueError: if it is no mapping, or empty.
    """
    if not isinstance(found, Mapping) or not found:
        raise ValueError(f"found must be a mapping label -> result that is not empty, got {found}")
    return found


def with_power(name: str, fit: Fit) -> str:
    """A method's line in the legend, with its power and interval where one was fitted."""
    said = [f"{v:.2f}".replace("-", "−") for v in (fit.exponent, fit.low, fit.high)]
    if np.isnan(fit.exponent):
        return name
    return f"{name}: {said[0]}" + ("" if np.isnan(fit.low) else f" [{said[1]}, {said[2]}]")


def draw_bars(
    axes: Axes, x: Float, middle: Float, error: Float, index: int, label: str,
    *, filled: np.ndarray | None = None, line: bool = True,
) -> None:  # fmt: skip
    """Marks with bars: filled, but for those where it is said that they are not."""
    look = series_style(index)
    if not line:
        look["linestyle"] = "none"
    axes.plot(x, middle, zorder=2, **look)
    solid = np.ones(len(x), bool) if filled is None else filled
    for chosen, fill in ((solid, look["color"]), (~solid, "white")):
        if chosen.any():
            axes.errorbar(
                x[chosen], middle[chosen], error[chosen], fmt=series_marker(index), capsize=1.5,
                color=look["color"], mfc=fill, markersize=3.4, elinewidth=0.8, zorder=3,
            )  # fmt: skip
    key = look["color"] if solid.any() else "white"
    axes.plot([], [], label=label, marker=series_marker(index), mfc=key, markersize=3.4, **look)


def tick_at(axes: Axes, at: Float) -> None:
    """Name the few places of a log axis at which was measured."""
    axes.set_xticks(at, labels=[f"{one:g}" for one in at])
    axes.set_xticks((), minor=True)


def finished(figure: StyledFigure, axes: Axes, title: str | None) -> tuple[StyledFigure, Axes]:
    """The figure with its legend, and its layout solved."""
    shared_legend(figure, axes, title)
    figure.freeze()
    return figure, axes
