"""Annotated heat maps of cosines."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import QuadMesh
from matplotlib.image import AxesImage

from moo.plotting._inputs import Float
from moo.plotting._style import COSINE, COSINE_TICKS

_ANNOTATED_CELLS = 150


def mean_over(matrices: Float) -> Float:
    """The mean over all axes but the last two; NaN entries do not count."""
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a pair that is NaN throughout stays NaN
        return np.asarray(np.nanmean(flat, axis=0))


def draw_heatmap(
    axes: Axes, values: Float, rows: Sequence[str], columns: Sequence[str]
) -> AxesImage:
    """Draw a (rows, columns) map of cosines on [-1, 1], with numbers where they fit, and a bar."""
    image = axes.imshow(
        np.clip(values, -1, 1), cmap=COSINE, vmin=-1, vmax=1, aspect="auto",
        interpolation="none",
    )  # fmt: skip
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(rows)) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    for (i, j), value in np.ndenumerate(values) if values.size <= _ANNOTATED_CELLS else ():
        text = f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"
        axes.text(j, i, text, ha="center", va="center", fontsize=7)
    _draw_bar(axes, image)
    return image


def draw_timemap(axes: Axes, edges: Float, values: Float, rows: Sequence[str]) -> QuadMesh:
    """Draw (rows, time) cosines on [-1, 1] between (time + 1,) edges of cells, and a bar."""
    mesh = axes.pcolormesh(
        edges, np.arange(len(rows) + 1) - 0.5, np.clip(values, -1, 1), cmap=COSINE, vmin=-1, vmax=1,
        shading="flat", rasterized=True,
    )  # fmt: skip
    for between in np.arange(1, len(rows)) - 0.5:
        axes.axhline(between, color="white", linewidth=1)
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    _draw_bar(axes, mesh)
    return mesh


def _draw_bar(axes: Axes, mappable: ScalarMappable) -> None:
    beside = axes.inset_axes((1.03, 0.0, 0.04, 1.0))
    bar = axes.figure.colorbar(mappable, cax=beside, ticks=COSINE_TICKS)
    bar.set_label("gradient cosine")
    bar.outline.set_visible(False)
