"""Sets of points in objective space against the exact front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from moo._record import Trajectory
from moo.plotting._inputs import Float, objective_names
from moo.plotting._paths import draw_curve, ends
from moo.plotting._planes import check_no_name, check_pair, front_curve
from moo.plotting._style import OKABE_ITO, StyledFigure, new_figure, style, width_inches

_MARKERS = "os^Dv<>P"


def plot_front(
    points: Mapping[str, Any], problem: Any = None,
    *, pair: tuple[int, int] = (0, 1), reference: Any = None, names: tuple[str, ...] = (),
    width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    """Scatter sets of solutions in objective space, over the exact front where it is known.

    Args:
        points: label -> losses of shape (n, m), or a `moo.Trajectory`, whose ends are taken.
        problem: a `moo.problems.Problem` with two objectives, for its front and names; or None.
        pair: which two objectives to draw, from 0.
        reference: (m,) reference point of a hypervolume, drawn as a cross; None for none.
        names: the m objectives' names; () takes the problem's.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        TypeError: if problem is a name.
        ValueError: if there are no points, they are not (n, m), or m differs from the problem's.

    Example:
        >>> import numpy as np, moo.plotting
        >>> figure, axes = moo.plotting.plot_front({"mine": np.array([[0.0, 1.0], [1.0, 0.0]])})
        >>> axes.collections[0].get_offsets().tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    found = {str(label): _points(str(label), value) for label, value in points.items()}
    m = _common_m(found, problem)
    chosen = list(check_pair(m, pair))
    labels = objective_names(m, tuple(names) or tuple(getattr(problem, "objective_names", ())))
    with style():
        figure = new_figure(width, min(0.75 * width_inches(width), 4.0))
        axes = figure.add_subplot()
        curve = front_curve(problem, 400)
        if curve is not None:
            draw_curve(axes, curve[:, chosen], "exact").set_label("Pareto front")
        for i, (label, values) in enumerate(found.items()):
            axes.scatter(
                values[:, chosen[0]], values[:, chosen[1]], s=14, label=label, zorder=3,
                marker=_MARKERS[i % len(_MARKERS)], color=OKABE_ITO[i % len(OKABE_ITO)],
                edgecolor="white", linewidth=0.4,
            )  # fmt: skip
        if reference is not None:
            axes.plot(*np.asarray(reference)[chosen], "k+", label="reference point")
        axes.set(xlabel=labels[chosen[0]], ylabel=labels[chosen[1]])
        figure.legend(loc="outside right upper")
        figure.freeze()
    return figure, axes


def _points(label: str, value: Any) -> Float:
    values = (
        ends(np.asarray(value.objectives)) if isinstance(value, Trajectory) else np.asarray(value)
    )
    if values.ndim != 2 or not values.size:
        raise ValueError(f"points {label!r} must be (n, m) with n at least 1, got {values.shape}")
    return values


def _common_m(points: Mapping[str, Float], problem: Any) -> int:
    check_no_name(problem)
    if not points:
        raise ValueError("points is empty: give at least one set")
    counts = {label: values.shape[1] for label, values in points.items()}
    if problem is not None:
        counts[f"problem {problem.name}"] = problem.num_objectives
    if len(set(counts.values())) > 1:
        raise ValueError(f"points must share their number of objectives, got {counts}")
    return next(iter(counts.values()))
