"""A pool of molecules in the plane of two objectives, with the structures of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from moo.metrics import nondominated
from moo.plotting._beside import attach, margin_for
from moo.plotting._inputs import Float
from moo.plotting._scales import criteria_names, scale_of
from moo.plotting._skeletal import skeletal
from moo.plotting._style import OFF_FRONT, OKABE_ITO, StyledFigure, new_figure, style

_MOST = 12
_POOL = "#b4bbc2"
_INCH = 72.0
_LABELS = 0.55  # inches below the axes, with the legend
_FLAT, _TALLEST = 0.62, 2.4  # height of the axes over their width, and in inches


def plot_molecules(
    points: ArrayLike, smiles: Sequence[str],
    *, chosen: ArrayLike | None = None, titles: Sequence[str] = (), names: Sequence[str] = (),
    higher_is_better: bool | Sequence[bool] = False, width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    """Scatter a pool of molecules by two objectives, and draw the structures of some beside it.

    Molecules that no other one dominates are joined by the staircase of what they dominate. Drawn
    beside the axes, each with a line to its point, are the chosen ones, or without a choice those
    of the front. An arrow after an axis's name says which way is good.

    Args:
        points: (n, 2) values, in the objectives' own units.
        smiles: n structures.
        chosen: (k,) indices of up to 12 molecules; None takes the front, of equal points the first.
        titles: n short names to stand above the structures; () for none.
        names: the two objectives' names.
        higher_is_better: one bool for both objectives, or two.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ModuleNotFoundError: without RDKit: `pip install "moo-jax[chem]"`.
        ValueError: if shapes do not fit, a number is not finite, more than 12 structures would be
            drawn, one cannot be read, or the width leaves no room for the axes.

    Example:
        >>> import numpy as np, moo.plotting
        >>> figure, axes = moo.plotting.plot_molecules(
        ...     np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), ["CCO", "c1ccccc1", "C"],
        ...     names=("cost", "toxicity"))
        >>> axes.lines[0].get_xydata().tolist()  # the third molecule is dominated
        [[0.0, 1.0], [1.0, 0.0]]
    """
    values = _checked(points, smiles, titles)
    scale = scale_of({"points": values}, higher_is_better, None, 0.0)
    front = _front(np.where(scale.higher, -values, values))
    drawn = front if chosen is None else _rows(chosen, len(values))
    if len(drawn) > _MOST:
        raise ValueError(f"chosen must be up to {_MOST} molecules to draw, got {len(drawn)}")
    formulas = [skeletal(smiles[i]) for i in drawn]
    labels = scale.titles(criteria_names(2, names))
    with style():
        margin = margin_for(formulas, width, titled=len(titles) > 0)
        figure, axes = _frame(width, margin.room / _INCH, margin.right * margin.height / _INCH)
        _scatter(axes, values, front, None if chosen is None else drawn)
        axes.set(xlabel=labels[0], ylabel=labels[1])
        figure.legend(loc="outside lower center", ncols=3, handlelength=1.4, columnspacing=1.5)
        figure.freeze()
        above = [titles[i] for i in drawn] if margin.titled else []
        attach(figure, axes, values[drawn], formulas, above, margin)
    return figure, axes


def _frame(width: str | float, room: Float, least: float) -> tuple[StyledFigure, Any]:
    """Axes that leave room at the right and at the top, and are at least that tall, in inches."""
    figure = new_figure(width, 1.0)
    inches = figure.get_figwidth()
    tall = max(min(_FLAT * (inches - room[0]), _TALLEST), least)
    figure.set_figheight(tall + _LABELS + room[1])
    size = figure.get_size_inches()
    right, top = (size - room) / size
    figure.set_layout_engine("constrained", rect=(0, 0, right, top))
    axes = figure.add_subplot()
    axes.patch.set_visible(False)  # lines to the structures lie under the points
    return figure, axes


def _scatter(
    axes: Any, values: Float, front: NDArray[np.intp], chosen: NDArray[np.intp] | None
) -> None:
    axes.scatter(*values.T, s=8, color=_POOL, linewidth=0, label="pool")
    axes.plot(
        *values[front].T, "o-", drawstyle="steps-post", color=OKABE_ITO[0], linewidth=0.9,
        markersize=4.0 if chosen is None else 3.0, markeredgewidth=0,
        zorder=4, label="front",  # also seen on the chosen
    )  # fmt: skip
    if chosen is not None:
        axes.scatter(
            *values[chosen].T, s=32, color=OFF_FRONT, edgecolor="white", linewidth=0.5,
            zorder=3, label="chosen",
        )  # fmt: skip
    axes.margins(0.06)


def _front(costs: Float) -> NDArray[np.intp]:
    """Return the rows that no other dominates, from the best in the first objective on."""
    rows = np.flatnonzero(nondominated(costs))
    return rows[np.argsort(costs[rows, 0], kind="stable")]


def _checked(points: ArrayLike, smiles: Sequence[str], titles: Sequence[str]) -> Float:
    values = np.asarray(points, dtype=float)
    if values.ndim != 2 or values.shape[1] != 2 or not len(values):
        raise ValueError(f"points must be (n, 2) with n at least 1, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("points must be finite: leave out molecules that were not measured")
    for name, given in (("smiles", smiles), *((("titles", titles),) if len(titles) else ())):
        if len(given) != len(values):
            raise ValueError(f"{name} must be {len(values)}, one a point, got {len(given)}")
    return values


def _rows(chosen: ArrayLike, count: int) -> NDArray[np.intp]:
    rows = np.asarray(chosen)
    whole = rows.ndim == 1 and rows.size > 0 and np.issubdtype(rows.dtype, np.integer)
    if not whole or not set(rows.tolist()) <= set(range(count)) or len(set(rows)) < rows.size:
        raise ValueError(f"chosen must be different indices of {count} points, got {chosen!r}")
    return rows.astype(np.intp)
