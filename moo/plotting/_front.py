"""Sets of points in objective space against the exact front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from moo.plotting._inputs import Float, objective_names
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._paths import draw_curve
from moo.plotting._planes import check_pair, front_curve
from moo.plotting._points import MARKERS, point_sets
from moo.plotting._style import FRONT, OKABE_ITO, StyledFigure, new_figure, style, width_inches

_CURVE_POINTS = 400
_CLOUD_POINTS = 1500
_VIEW = {"elev": 24.0, "azim": 40.0}


def plot_front(
    points: Mapping[str, Any], problem: Any = None,
    *, pair: tuple[int, int] = (0, 1), triple: tuple[int, int, int] | None = None,
    reference: Any = None, names: tuple[str, ...] = (), width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    """Scatter sets of solutions in objective space, over the exact front where it is known.

    Args:
        points: label -> losses of shape (n, m); or a `moo.Trajectory`, or the path of a saved
            one, whose ends are taken.
        problem: a `moo.problems.Problem`, for its front and names; or None. Its front is drawn
            where the objectives shown are all that it has.
        pair: which two objectives to draw, from 0.
        triple: which three objectives to draw, in space, instead of a pair.
        reference: (m,) reference point of a hypervolume, drawn as a cross; None for none.
        names: the m objectives' names; () takes the problem's.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes, three-dimensional ones for a triple.

    Raises:
        TypeError: if problem is a name.
        ValueError: if there are no points, they are not (n, m), or m differs from the problem's.

    Example:
        >>> import numpy as np, moo.plotting
        >>> figure, axes = moo.plotting.plot_front({"mine": np.array([[0.0, 1.0], [1.0, 0.0]])})
        >>> axes.collections[0].get_offsets().tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    found = point_sets(points, problem)
    m = next(iter(found.values())).shape[1]
    chosen = list(check_pair(m, pair) if triple is None else _check_triple(m, triple))
    labels = objective_names(m, tuple(names) or tuple(getattr(problem, "objective_names", ())))
    corner = None if reference is None else np.asarray(reference, dtype=float)[chosen]
    with style():
        shown = {label: values[:, chosen] for label, values in found.items()}
        figure, axes = _plane(width) if triple is None else _space(list(shown), width)
        draw = _draw_plane if triple is None else _draw_space
        draw(axes, shown, problem, chosen)
        if corner is not None:
            axes.plot(*corner[:, None], "k+", label="reference point", zorder=5)
        for name, i in zip("xyz", chosen, strict=False):
            axes.set(**{f"{name}label": labels[i]})
        if triple is None:
            figure.legend(loc="outside right upper")
        else:
            shared_legend(figure, axes)
        figure.freeze()
    return figure, axes


def _plane(width: str | float) -> tuple[StyledFigure, Any]:
    figure = new_figure(width, min(0.75 * width_inches(width), 4.0))
    return figure, figure.add_subplot()


def _space(labels: list[str], width: str | float) -> tuple[StyledFigure, Any]:
    """Axes in space without panes, drawn in the order of `zorder` whatever the depth."""
    figure, axes = one_panel(
        [*labels, "Pareto front", "reference point"], width, aspect=0.75, tallest=3.6,
        projection="3d",
    )  # fmt: skip
    axes.computed_zorder = False
    axes.view_init(**_VIEW)
    axes.set_box_aspect(None, zoom=0.95)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((1.0, 1.0, 1.0, 0.0))
        axis.set_major_locator(MaxNLocator(4))
        axis._axinfo["grid"].update(color="#dddddd", linewidth=0.5)
        axis.set_rotate_label(False)
        axis.set_tick_params(pad=-1)
        axis.labelpad = -4
    return figure, axes


def _draw_plane(axes: Any, shown: Mapping[str, Float], problem: Any, chosen: list[int]) -> None:
    curve = front_curve(problem, _CURVE_POINTS)
    if curve is not None:
        draw_curve(axes, curve[:, chosen], "exact").set_label("Pareto front")
    for i, (label, values) in enumerate(shown.items()):
        axes.scatter(*values.T, s=14, label=label, zorder=3, linewidth=0.4, **_look(i))


def _draw_space(axes: Any, shown: Mapping[str, Float], problem: Any, chosen: list[int]) -> None:
    """Points in space, each with its own colour at every depth, over a cloud of the front."""
    cloud = _cloud(problem)
    if cloud is not None:
        axes.plot(*cloud[:, chosen].T, ".", gid="exact", color=FRONT, markersize=1.1, alpha=0.7)
        axes.plot([], [], [], "o", color=FRONT, label="Pareto front")
    for i, (label, values) in enumerate(shown.items()):
        axes.scatter(
            *values.T, s=12, label=label, linewidth=0.3, depthshade=False, zorder=3, **_look(i)
        )


def _cloud(problem: Any) -> Float | None:
    """Points of the exact front of a problem with three objectives."""
    if problem is None or problem.pareto_front is None or problem.num_objectives != 3:
        return None
    return np.asarray(problem.pareto_front(_CLOUD_POINTS), dtype=float)


def _look(index: int) -> dict[str, Any]:
    color = OKABE_ITO[index % len(OKABE_ITO)]
    return {"marker": MARKERS[index % len(MARKERS)], "color": color, "edgecolor": "white"}


def _check_triple(m: int, triple: tuple[int, int, int]) -> tuple[int, int, int]:
    if m < 3:
        raise ValueError(f"triple: a figure in space takes three objectives, got {m}: use pair")
    if len(triple) != 3 or len(set(triple)) < 3 or not all(0 <= i < m for i in triple):
        raise ValueError(f"triple must be three different indices of {m} objectives, got {triple}")
    return (int(triple[0]), int(triple[1]), int(triple[2]))
