"""Drawings beside a figure's axes, each with a thin line to its point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D, Transform
from scipy.optimize import linear_sum_assignment

from moo.plotting._inputs import Float
from moo.plotting._skeletal import Formula, patches
from moo.plotting._style import StyledFigure, width_inches

_INCH = 72.0
_NARROWEST = 74.0  # cell, in points
_TALLEST = 66.0  # formula, in points
_TITLE = 8.0
_PAD = 4.0
_LONGEST_BOND = 9.5  # letters are two thirds of it
_FLAT = 1e-3  # bonds; a line has no height
_GAP = 2.0  # between a line's end and the molecule
_LEADER: Mapping[str, Any] = {
    "color": "#9aa3ab",
    "linewidth": 0.5,
    "solid_capstyle": "round",
    "zorder": -1,
}
_TYPE = (5.0, 7.0)  # least and largest type of titles
_EM = 0.5  # mean width of a letter over the size of type


class Margin(NamedTuple):
    """Cells along the upper and the right edge of a figure, in points.

    Attributes:
        top: number of cells above the axes; the last of them is the corner if any are at the right.
        right: number of cells at the right of the axes.
        width: of a cell.
        height: of a cell.
        titled: whether a title stands in each.
    """

    top: int
    right: int
    width: float
    height: float
    titled: bool

    @property
    def room(self) -> Float:
        """What the margin takes at the right and at the top, (2,)."""
        return np.array([self.width if self.right else 0.0, self.height])

    def slots(self, size: Float, bottom: float) -> Float:
        """Return lower left corner and size of each cell, (top + right, 4).

        Args:
            size: (2,) of the figure.
            bottom: where the axes end.
        """
        left, base = self.width * np.arange(self.top), size[1] - self.height
        above = [(x, base, self.width, self.height) for x in left]
        edges = np.linspace(base, bottom, self.right + 1)[1:]
        tall = (base - bottom) / max(self.right, 1)
        beside = [(size[0] - self.width, y, self.width, tall) for y in edges]
        return np.array(above + beside)


class Placed(NamedTuple):
    """A formula in a figure: its lower left corner and the length of its bonds, in points."""

    formula: Formula
    corner: Float
    bond: float


def margin_for(formulas: Sequence[Formula], width: str | float, titled: bool) -> Margin:
    """Return a margin with a cell for each formula: above the axes first, then at their right.

    Raises:
        ValueError: if the cells would leave no width for the axes.
    """
    points = _INCH * width_inches(width)
    if len(formulas) > 1 and points < 2 * _NARROWEST:
        least = math.ceil(200 * _NARROWEST / _INCH) / 100
        raise ValueError(f"width must be {least} inches or more for structures, got {width}")
    top = max(1, min(len(formulas), int(points / _NARROWEST)))
    room = np.array([points / top - 2 * _PAD, _TALLEST])
    tallest = max(_bond(formula, room) * formula.size[1] for formula in formulas)
    height = float(tallest) + 2 * _PAD + _TITLE * titled
    return Margin(top, len(formulas) - top, points / top, height, titled)


def _bond(formula: Formula, room: Float) -> float:
    """Return the length of the bonds of a formula that fits into a room (2,), in points."""
    return float(min(_LONGEST_BOND, *(room / np.maximum(formula.size, _FLAT))))


def attach(
    figure: StyledFigure, axes: Any, where: Float, formulas: Sequence[Formula],
    titles: Sequence[str], margin: Margin,
) -> None:  # fmt: skip
    """Draw each formula in a cell of the margin, and a line from it to its point.

    Cells are given out so that squared lines are short in sum, then exchanged while fewer cross.

    Args:
        figure: the figure, its layout solved.
        axes: its axes.
        where: (k, 2) points in the data's units.
        formulas: k of them.
        titles: k of them, or none.
        margin: k cells.
    """
    display = Affine2D().scale(1 / _INCH) + figure.dpi_scale_trans
    starts = display.inverted().transform(axes.transData.transform(where))
    bottom = display.inverted().transform(axes.bbox.get_points())[0, 1]
    slots = margin.slots(_INCH * figure.get_size_inches(), bottom)
    cells = range(len(slots))
    placed = [[_place(formula, margin, slots, j) for j in cells] for formula in formulas]
    ends = np.array([[_nearest(place, start) for place in row]
                     for row, start in zip(placed, starts, strict=True)])  # fmt: skip
    for i, j in enumerate(_assigned(starts, ends)):
        place = placed[i][j]
        for shape in patches(*place, display):
            figure.add_artist(shape)
        line = Line2D(*np.stack([starts[i], ends[i, j]]).T, transform=display, **_LEADER)
        figure.add_artist(line)
        if titles:
            _title(figure, titles[i], place, slots[j], display)


def _title(
    figure: StyledFigure, title: str, place: Placed, slot: Float, display: Transform
) -> None:
    """Write above a formula, over its middle, but within the cell as far as type can shrink."""
    room = slot[2] - 2 * _PAD
    size = float(np.clip(room / (_EM * max(len(title), 1)), *_TYPE))
    half = _EM * size * len(title) / 2
    middle = place.corner[0] + place.formula.size[0] * place.bond / 2
    low = slot[0] + _PAD + half
    x = float(np.clip(middle, low, max(low, slot[0] + slot[2] - _PAD - half)))
    y = float(place.corner[1] + place.formula.size[1] * place.bond + _PAD / 2)
    figure.text(x, y, title, transform=display, ha="center", va="bottom", fontsize=size)


def _place(formula: Formula, margin: Margin, slots: Float, index: int) -> Placed:
    """Put a formula into a cell, close to the axes, as large as fits."""
    corner, room = slots[index, :2], slots[index, 2:] - 2 * _PAD
    room = room - (0, _TITLE * margin.titled)
    bond = _bond(formula, room)
    slack = room - bond * formula.size
    above, beside = index < margin.top, margin.right and index >= margin.top - 1
    share = np.array([0.0 if beside else 0.5, 0.0 if above else 0.5])
    return Placed(formula, corner + _PAD + share * slack, bond)


def _assigned(starts: Float, ends: Float) -> list[int]:
    """Return the cell of each point, (k,).

    Args:
        starts: (k, 2) points.
        ends: (k, k, 2) where the line of each point would end in each cell.
    """
    # Squares, so that no line is long for the sake of the others.
    order = linear_sum_assignment(((ends - starts[:, None]) ** 2).sum(axis=2))[1].tolist()
    best = _crossings(starts, ends, order)
    while best:
        others = list(_exchanged(order))
        counts = [_crossings(starts, ends, other) for other in others]
        if min(counts) >= best:
            break
        best = min(counts)
        order = others[counts.index(best)]
    return order


def _exchanged(order: list[int]) -> Iterator[list[int]]:
    """Yield the orders in which two or three exchange their places."""
    for places in itertools.combinations(range(len(order)), min(3, len(order))):
        for given in itertools.permutations(places):
            other = list(order)
            for place, source in zip(places, given, strict=True):
                other[place] = order[source]
            yield other


def _crossings(starts: Float, ends: Float, order: list[int]) -> int:
    """Count the pairs of lines that cross."""
    tips = ends[np.arange(len(order)), order]
    along = tips - starts
    # Which side of line i (rows) the points of line j (columns) lie on.
    sides = [np.sign(_cross(along[:, None], other - starts[:, None])) for other in (starts, tips)]
    split = sides[0] * sides[1] < 0
    return int((split & split.T).sum()) // 2


def _cross(a: Float, b: Float) -> Float:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _nearest(place: Placed, start: Float) -> Float:
    """Return where a line from a point to a placed formula ends, just short of it."""
    corners = place.corner + place.bond * place.formula.corners
    away = np.linalg.norm(corners - start, axis=1)
    i = int(np.argmin(away))
    return start + (corners[i] - start) * max(1 - _GAP / max(away[i], _GAP), 0)
