"""The stage of a trajectory figure: panels, grounds, exact fronts and colour scales."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm, Normalize
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import MaxNLocator

from moo._record import Trajectory
from moo.plotting._inputs import Float
from moo.plotting._landscape import draw_landscape, landscape
from moo.plotting._paths import PRINT_GRAIN, can_number, draw_curve, time_norm
from moo.plotting._planes import Plane, Space, planes
from moo.plotting._style import COSINE, COSINE_TICKS, TIME, StyledFigure, new_figure, width_inches

_LEAST_PANEL = 1.3  # inches; below it numbered starts stop being legible
_ROOMY_PANEL = 2.0
_MARGIN = 0.45
_LABELS = 0.34
_TITLE = 0.17
_AXIS_LABEL = 0.3
_BARS = 0.42
_LEGEND = 0.22
_ASPECT = 0.74
_TALLEST = 2.4


class Panel(NamedTuple):
    """One method in one plane: the axes, the plane, the method's label and its paths there."""

    axes: Axes
    plane: Plane
    label: str
    paths: Float


class Scene(NamedTuple):
    """What paths are drawn on.

    Attributes:
        figure: the figure.
        axes: (planes, methods) array of Axes.
        planes: the planes, one a row of `axes`.
        norm: the colour scale of time.
        inches: nominal width and height of a panel.
        time_bar: the axes of the colour bar of time.
    """

    figure: StyledFigure
    axes: np.ndarray
    planes: list[Plane]
    norm: LogNorm
    inches: tuple[float, float]
    time_bar: Axes

    def panels(self) -> Iterator[Panel]:
        """Every panel, plane by plane."""
        for row, plane in zip(self.axes, self.planes, strict=True):
            for axes, (label, paths) in zip(row, plane.paths.items(), strict=True):
                yield Panel(axes, plane, label, paths)

    def grain(self, plane: Plane) -> Float:
        """The (2,) lengths in a plane that are too short to print."""
        return _grain(plane, self.inches)

    def numbered(self, plane: Plane) -> bool:
        """Whether the starts of every method can be numbered in that plane."""
        grain = self.grain(plane)
        return all(can_number(paths[:, 0], grain) for paths in plane.paths.values())


def build_scene(
    trajectories: Mapping[str, Trajectory], problem: Any, space: Space,
    *, pair: tuple[int, int], width: str | float, columns: int | None, resolution: int,
) -> Scene:  # fmt: skip
    """Lay out one column of panels a method, wrapped in blocks, and draw everything but paths."""
    rows = planes(trajectories, problem, space, pair)
    layout = _layout(len(rows), len(trajectories), width_inches(width), columns)
    figure = new_figure(width, layout.height)
    heights = [layout.height - _BARS - _LEGEND, _BARS]
    outer = figure.add_gridspec(2, 1, height_ratios=heights)
    axes = _panels(figure, outer[0], layout, rows, list(trajectories))
    for row, plane in zip(axes, rows, strict=True):
        _draw_grounds(row, plane, problem, pair, resolution, _grain(plane, layout.inches))
    norm = time_norm(t.steps for t in trajectories.values())
    ground = any(plane.exact for plane in rows)
    time_bar = _colour_bars(figure, outer[1], norm, pair if ground else None)
    return Scene(figure, axes, rows, norm, layout.inches, time_bar)


def _grain(plane: Plane, inches: tuple[float, float]) -> Float:
    return np.asarray(PRINT_GRAIN * (plane.high - plane.low) / (72 * np.array(inches)))


class _Layout(NamedTuple):
    """Where panels go: the grid's shape, each panel's cell, sizes in inches."""

    rows: int
    columns: int
    cells: dict[tuple[int, int], tuple[int, int]]
    inches: tuple[float, float]
    height: float


def _layout(planes: int, methods: int, inches: float, columns: int | None) -> _Layout:
    """Planes below each other, methods in blocks beside each other; one method's planes abreast."""
    if columns is not None and columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    most = columns or max(1, int((inches - _MARGIN) / _LEAST_PANEL))
    abreast = methods == 1 and columns is None and (inches - _MARGIN) / planes > _ROOMY_PANEL
    if abreast:
        rows, columns = 1, planes
        cells = {(i, 0): (0, i) for i in range(planes)}
    else:
        columns = math.ceil(methods / math.ceil(methods / most))
        rows = planes * math.ceil(methods / columns)
        cells = {
            (i, j): (j // columns * planes + i, j % columns)
            for i in range(planes)
            for j in range(methods)
        }
    wide = (inches - _MARGIN) / columns
    tall = min(_ASPECT * wide, _TALLEST)
    labels = rows * _LABELS if planes > 1 else rows * _TITLE + _AXIS_LABEL
    height = rows * tall + labels + _BARS + _LEGEND * (1 if inches > 4 else 2)
    return _Layout(rows, columns, cells, (wide, tall), height)


def _panels(
    figure: StyledFigure, cell: SubplotSpec, layout: _Layout, planes: list[Plane],
    labels: Sequence[str],
) -> np.ndarray:  # fmt: skip
    """Panels of one plane share their axes; labels stand at the left and where a column ends."""
    grid = cell.subgridspec(layout.rows, layout.columns)
    axes = np.empty((len(planes), len(labels)), dtype=object)
    for (i, j), (row, column) in layout.cells.items():
        first = axes[i, 0]
        panel = figure.add_subplot(grid[row, column], sharex=first, sharey=first)
        last = len(planes) > 1 or j + layout.columns >= len(labels)
        _dress(panel, planes[i], left=column == 0 or j == 0, bottom=last)
        if i == 0 or row == 0:
            panel.set_title(labels[j])
        axes[i, j] = panel
    return axes


def _dress(axes: Axes, plane: Plane, *, left: bool, bottom: bool) -> None:
    axes.set(xlim=(plane.low[0], plane.high[0]), ylim=(plane.low[1], plane.high[1]))
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.tick_params(labelleft=left, labelbottom=bottom)
    if left:
        axes.set_ylabel(plane.names[1])
    if bottom:
        axes.set_xlabel(plane.names[0])


def _draw_grounds(
    row: Sequence[Axes], plane: Plane, problem: Any, pair: tuple[int, int], resolution: int,
    grain: Float,
) -> None:  # fmt: skip
    ground = None
    if plane.exact:
        low, high = plane.low, plane.high
        if problem.bounds is not None:
            low, high = np.maximum(low, problem.bounds[0]), np.minimum(high, problem.bounds[1])
        ground = landscape(problem, low, high, pair, resolution)
    for axes in row:
        if ground is not None:
            draw_landscape(axes, ground, low, high, grain)
            axes.set(xlim=(plane.low[0], plane.high[0]), ylim=(plane.low[1], plane.high[1]))
        if plane.curve is not None:
            draw_curve(axes, plane.curve, "exact")


def _colour_bars(
    figure: StyledFigure, cell: SubplotSpec, norm: LogNorm, pair: tuple[int, int] | None
) -> Axes:
    """Frameless bars below the panels, cosine left and time right; return the axes of time."""
    grid = cell.subgridspec(1, 5, width_ratios=[1, 6, 2, 6, 1] if pair else [3, 1, 6, 1, 3])
    if pair:
        label = rf"$\cos(g_{{{pair[0] + 1}}}, g_{{{pair[1] + 1}}})$"
        cosine = ScalarMappable(Normalize(-1, 1), COSINE)
        _bar(figure.add_subplot(grid[1]), cosine, label).set_ticks(COSINE_TICKS)
    time_bar = figure.add_subplot(grid[3 if pair else 2])
    _bar(time_bar, ScalarMappable(norm, TIME), "iteration")
    return time_bar


def _bar(axes: Axes, mappable: ScalarMappable, label: str) -> Colorbar:
    bar = axes.figure.colorbar(mappable, cax=axes, orientation="horizontal")
    bar.set_label(label, labelpad=1)
    bar.outline.set_visible(False)
    low, high = bar.ax.get_xlim()
    if isinstance(bar.norm, LogNorm) and high < 30 * low:
        # Within little more than a decade, powers of ten say less than the numbers.
        ticks = _few_ticks(low, high)
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.minorticks_off()
    return bar


def _few_ticks(low: float, high: float) -> list[float]:
    """Round numbers 1, 2, 5 x 10^k between two ends."""
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    return [t for t in np.outer(decades, (1, 2, 5)).ravel().tolist() if low <= t <= high]
