"""One style for every figure: paper widths, serif type, colours for all eyes, no global state."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

WIDTHS: Mapping[str, float] = {
    "column": 3.25,
    "text": 5.5,
    "page": 6.75,
    "icml_column": 3.25,
    "icml": 6.75,
    "ieee_column": 3.5,
    "ieee": 7.16,
    "neurips": 5.5,
    "iclr": 5.5,
}
"""Widths of columns and pages in inches."""

OKABE_ITO = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#000000",
    "#8F8A00",
)
"""The colour-blind-safe cycle of Okabe and Ito; its yellow is darkened to be seen on white."""

_MARKERS = "osD^vPX"  # not as many as colours, so that pairs of both repeat late
_SERIES = ["-", (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1))]

COSINE: Colormap = LinearSegmentedColormap.from_list(
    "moo.cosine",
    ["#b88fc4", "#d3b8db", "#ece0ef", "#f7f7f7", "#e0eedd", "#bbdbb6", "#8fc08b"],
    N=41,
).with_extremes(bad="#d9d9d9")
"""Purple for conflict (-1), white for orthogonal (0), green for agreement (+1); 41 steps."""

COSINE_TICKS = (-1, -0.5, 0, 0.5, 1)

TIME: Colormap = LinearSegmentedColormap.from_list(
    "moo.time", matplotlib.colormaps["inferno"](np.linspace(0.8, 0.0, 64))
)
"""From light (early) to dark (late): every step stays visible on the cosine map and on white."""

FRONT = "#7d8894"
OFF_FRONT = "#D55E00"

_RC: Mapping[str, Any] = {
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "DejaVu Serif"],
    "mathtext.fontset": "cm",
    "text.usetex": False,
    "text.hinting": "none",  # hinted type has another width at every dpi; the layout is solved once
    "axes.unicode_minus": True,
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.5,
    "legend.title_fontsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlepad": 3.0,
    "axes.labelpad": 2.0,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.0,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "legend.frameon": False,
    "legend.borderaxespad": 0.2,
    "legend.handletextpad": 0.5,
    "figure.dpi": 150.0,
    "savefig.dpi": 300.0,
    "savefig.bbox": None,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "moo",
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.045,
    "figure.constrained_layout.hspace": 0.02,
    "figure.constrained_layout.wspace": 0.02,
}

_OVERRIDES: ContextVar[Mapping[str, Any] | None] = ContextVar("moo_style_overrides", default=None)


@contextlib.contextmanager
def style(overrides: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Use the package's matplotlib settings inside the block, and leave no trace after it.

    Every function of `moo.plotting` opens it by itself; open it around them to change a setting,
    or around your own axes to match them.

    Args:
        overrides: matplotlib rcParams to set on top, such as `{"font.size": 9}`.

    Example:
        >>> import matplotlib
        >>> before = matplotlib.rcParams["font.size"]
        >>> with style({"font.size": 9.0}):
        ...     inside = matplotlib.rcParams["font.size"]
        >>> inside, matplotlib.rcParams["font.size"] == before
        (9.0, True)
    """
    merged = {**(_OVERRIDES.get() or {}), **(overrides or {})}
    token = _OVERRIDES.set(merged)
    try:
        with matplotlib.rc_context(_settings(merged)):
            yield
    finally:
        _OVERRIDES.reset(token)


def width_inches(width: str | float) -> float:
    """Return a width in inches from a preset's name or a number.

    Args:
        width: a key of `WIDTHS`, or a positive number of inches.

    Raises:
        ValueError: if the name is unknown or the number is not positive.

    Example:
        >>> width_inches("column"), width_inches(4)
        (3.25, 4.0)
    """
    if isinstance(width, str):
        if width not in WIDTHS:
            raise ValueError(f"width must be inches or one of {sorted(WIDTHS)}, got {width!r}")
        return WIDTHS[width]
    if not 0 < width < np.inf:
        raise ValueError(f"width must be positive inches, got {width}")
    return float(width)


def series_style(index: int) -> dict[str, Any]:
    """Colour and dashes of the i-th series: the dashes change when the colours are used up."""
    dashes = _SERIES[index // len(OKABE_ITO) % len(_SERIES)]
    return {"color": OKABE_ITO[index % len(OKABE_ITO)], "linestyle": dashes}


def series_marker(index: int) -> str:
    """Marker of the i-th series: beside its colour, for eyes and printers that know none."""
    return _MARKERS[index % len(_MARKERS)]


def _settings(overrides: Mapping[str, Any]) -> Any:
    return {**_RC, **overrides}


class StyledFigure(Figure):
    """A figure without pyplot that draws in the style it was made in, whenever it is drawn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._settings = _settings(_OVERRIDES.get() or {})
        super().__init__(*args, **kwargs)
        FigureCanvasAgg(self)

    def draw(self, renderer: RendererBase) -> None:
        """Draw under the figure's own settings."""
        with matplotlib.rc_context(self._settings):
            super().draw(renderer)

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        """Save under the figure's own settings."""
        with matplotlib.rc_context(self._settings):
            super().savefig(fname, **kwargs)

    def freeze(self) -> None:
        """Solve the layout once, so that drawing and saving no longer move anything."""
        self.draw_without_rendering()
        self.set_layout_engine("none")


def new_figure(width: str | float, height: float) -> StyledFigure:
    """Return an empty figure of exactly that size in inches; call inside `style()`."""
    return StyledFigure(figsize=(width_inches(width), height), layout="constrained")
