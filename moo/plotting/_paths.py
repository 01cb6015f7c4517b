"""Paths on axes: coloured by time, with numbered starts and honest ends."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from moo.plotting._inputs import Float
from moo.plotting._style import FRONT, OFF_FRONT, TIME

_SHADES = 20
_DECADES = 2.6
PRINT_GRAIN = 0.08  # points, 1/900 inch
_VECTOR_POINTS = 6000
_THINNED_POINTS = 20_000
_NUMBERED_STARTS = 9
_NUMBERED_DOT = 6.2  # points


def time_norm(steps: Iterable[Float]) -> LogNorm:
    """A log scale from the first recorded step to the last.

    The early end is held within 2.6 decades of the last step: with every step recorded, most of
    the colours would otherwise go to the first few percent of the path.
    """
    positive = np.concatenate([np.asarray(s, dtype=float) for s in steps])
    positive = positive[positive > 0]
    last = positive.max(initial=1.0)
    first = max(positive.min(initial=last), last / 10**_DECADES)
    return LogNorm(vmin=first if first < last else last / 10, vmax=last)


def time_limits(norm: LogNorm) -> tuple[float, float]:
    """The two ends of a scale of time."""
    return float(norm.vmin or 1.0), float(norm.vmax or 1.0)


def draw_paths(
    axes: Axes, paths: Float, steps: Float, norm: LogNorm, grain: Float
) -> LineCollection:
    """Draw (starts, time, 2) paths; the colour is the time at a segment's end, in 20 shades.

    Segments of one shade are joined to one polyline with gaps (NaN) between the starts, and points
    that no printer could show are left out, so that vector files stay small. Nothing is smoothed.
    """
    edges = np.geomspace(*time_limits(norm), _SHADES + 1)
    shade = np.clip(np.searchsorted(edges, steps[1:], side="left") - 1, 0, _SHADES - 1)
    runs = _runs(shade)
    parts = [[distinct(path[i : j + 1], grain) for path in paths] for i, j in runs]
    if sum(len(line) for part in parts for line in part) < _THINNED_POINTS:
        parts = [[thin(line, grain) for line in part] for part in parts]
    lines = [joined(part) for part in parts]
    collection = LineCollection(lines, cmap=TIME, norm=norm, linewidths=1.1, zorder=3)
    middles = np.sqrt(edges[1:] * edges[:-1])
    collection.set_array(middles[[shade[first] for first, _ in runs]])
    collection.set(capstyle="round", joinstyle="round")
    collection.set_rasterized(sum(map(len, lines)) > _VECTOR_POINTS)
    axes.add_collection(collection, autolim=False)
    return collection


def distinct(path: Float, grain: Float) -> Float:
    """Drop points in the same cell of the print grain as their predecessor; keep both ends."""
    cells = np.round(np.asarray(path, dtype=float) / grain)
    keep = np.ones(len(path), dtype=bool)
    keep[1:-1] = (cells[1:-1] != cells[:-2]).any(axis=1)  # NaN differs from everything
    return path[keep]


def thin(path: Float, grain: Float) -> Float:
    """Drop points nearer than a print grain to the line through those kept (Douglas–Peucker).

    The points kept are points of the path, its ends among them; a point that is not finite stays.
    """
    scaled = np.asarray(path, dtype=float) / grain
    keep = np.zeros(len(path), dtype=bool)
    pending = [(0, len(path) - 1)]
    while pending:
        first, last = pending.pop()
        keep[[first, last]] = True
        split = _farthest(scaled[first : last + 1])
        if split:
            pending += [(first, first + split), (first + split, last)]
    return path[keep]


def joined(lines: Iterable[Float]) -> Float:
    """One (n, 2) line of several, with a NaN row between them."""
    gap = np.full((1, 2), np.nan)
    parts = [part for line in lines for part in (line, gap)]
    return np.concatenate(parts[:-1]) if parts else gap[:0]


def _farthest(points: Float) -> int:
    """Index of the inner point farthest from the chord of the ends, if over 1 away; else 0."""
    if len(points) < 3:
        return 0
    chord, offsets = points[-1] - points[0], points - points[0]
    along = np.clip(offsets @ chord / max(float(chord @ chord), 1e-12), 0, 1)
    distance = np.linalg.norm(offsets - along[:, None] * chord, axis=1)
    distance[~np.isfinite(distance)] = np.inf
    split = int(np.argmax(distance[1:-1])) + 1
    return split if distance[split] > 1 else 0


def _runs(shade: np.ndarray) -> list[tuple[int, int]]:
    """Index pairs (first point, last point) of the runs of equal shade among segments."""
    cuts = np.flatnonzero(np.diff(shade)) + 1
    bounds = [0, *cuts.tolist(), len(shade)]
    return list(itertools.pairwise(bounds)) if len(shade) else []


def ends(paths: Float) -> Float:
    """The last finite point of each path, shape (starts, 2); NaN where there is none."""
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(paths).all(axis=2))
    last = paths.shape[1] - 1 - np.argmax(finite[:, ::-1], axis=1)
    chosen = paths[np.arange(len(paths)), last]
    return np.where(finite.any(axis=1, keepdims=True), chosen, np.nan)


def can_number(points: Float, grain: Float) -> bool:
    """Whether there are two to nine starts and no dot would cover another one's number."""
    if not 1 < len(points) <= _NUMBERED_STARTS:
        return False
    return _least_distance(points / grain) * PRINT_GRAIN > 0.4 * _NUMBERED_DOT


def draw_starts(axes: Axes, points: Float, *, numbered: bool) -> list[Artist]:
    """Black dots, with their numbers inside or small and plain."""
    size = _NUMBERED_DOT if numbered else 4.0
    drawn: list[Artist] = [*axes.plot(*points.T, gid="starts", **_start_marker(size), zorder=5)]
    for number, point in enumerate(points, start=1) if numbered else ():
        note = axes.annotate(
            str(number), point, xytext=(0, -0.15), textcoords="offset points", color="white",
            fontsize=5.2, ha="center", va="center_baseline", zorder=5.1, annotation_clip=False,
        )  # fmt: skip
        drawn.append(note)
    return drawn


def _least_distance(points: Float) -> float:
    """Least distance between two of the points; infinite for one point."""
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.nanmin(distances, initial=np.inf))


def draw_ends(axes: Axes, points: Float, reached: np.ndarray) -> list[Artist]:
    """White diamonds; orange ones for ends that did not reach the exact front."""
    drawn: list[Artist] = []
    for gid, chosen in (("ends", reached), ("ends off the front", ~reached)):
        if chosen.any():
            drawn += axes.plot(*points[chosen].T, gid=gid, **_end_marker(gid), zorder=6)
    return drawn


def _start_marker(size: float) -> dict[str, Any]:
    return {
        "marker": "o", "markersize": size, "color": "black", "linestyle": "none",
        "markeredgecolor": "white", "markeredgewidth": 0.5, "clip_on": False,
    }  # fmt: skip


def _end_marker(gid: str) -> dict[str, Any]:
    return {
        "marker": "D", "markersize": 4.2, "linestyle": "none", "clip_on": False,
        "color": "white" if gid == "ends" else OFF_FRONT,
        "markeredgecolor": "black", "markeredgewidth": 0.8,
    }  # fmt: skip


def draw_curve(axes: Axes, curve: Float, gid: str) -> Line2D:
    """A broad grey band along an exact set or front, broken at rows of NaN."""
    (line,) = axes.plot(*curve.T, gid=gid, **_front_line(), zorder=2)
    return line


def _front_line() -> dict[str, Any]:
    return {"color": FRONT, "linewidth": 4.0, "alpha": 0.85, "solid_capstyle": "round"}


def legend_handles(front: str | None, off_front: bool, end: str) -> list[Line2D]:
    """Handles for what is drawn: the front, starts, ends, and ends off the front."""
    handles = [Line2D([], [], label=front, **_front_line())] if front else []
    handles.append(Line2D([], [], label="start", **_start_marker(4.6)))
    handles.append(Line2D([], [], label=end, **_end_marker("ends")))
    if off_front:
        label = "end, off the front"
        handles.append(Line2D([], [], label=label, **_end_marker(label)))
    return handles
