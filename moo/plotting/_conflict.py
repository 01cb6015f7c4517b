"""Cosines between the objectives' gradients: by pair, by layer, over time, by sample class."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from moo._record import Trajectory
from moo.plotting._bands import Band, caption, check_band, draw_band, summary
from moo.plotting._heatmap import draw_heatmap, draw_timemap, mean_over
from moo.plotting._inputs import Float, as_trajectory
from moo.plotting._panels import shared_legend, step_axis
from moo.plotting._style import StyledFigure, new_figure, series_style, style, width_inches

ConflictKind: TypeAlias = Literal["pairs", "layers", "time", "map", "classes"]

_KINDS = ("pairs", "layers", "time", "map", "classes")


def plot_conflict(
    cosines: Any, kind: ConflictKind = "pairs",
    *, names: Sequence[str] = (), steps: Any = None, band: Band = "quantile",
    width: str | float = "column", log_steps: bool = False,
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    """Draw cosines of gradients, -1 (opposed) to 1 (aligned), always on that scale.

    Args:
        cosines: by kind, where a `moo.Trajectory` with cosines, or the path of one, serves
            "pairs", "time" and "map":
            "pairs": (..., m, m), averaged over leading axes; an annotated m × m map;
            "layers": mapping layer -> (..., m, m); a map of layers by pairs;
            "time": (time, m, m) or (starts, time, m, m); a line a pair;
            "map": the same, averaged over starts; a map of pairs by time, for many objectives;
            "classes": mapping class -> (time,) or (runs, time), or an array (classes, time) with
            `names` as classes; a line a sample class.
        kind: "pairs", "layers", "time", "map" or "classes".
        names: the m objectives' names; for an array of "classes" those of the classes.
        steps: (time,) iterations of arrays over time; None counts rows, or takes the trajectory's.
        band: over starts or runs: "quantile", "sem", "bootstrap" or None, as for `plot_losses`.
        width: inches or a preset, as for `plot_trajectories`.
        log_steps: log scale for the iterations.

    Returns:
        The figure and its axes.

    Raises:
        TypeError: if the kind needs a mapping and got none, or the other way round.
        ValueError: if the kind or band is unknown, a shape does not fit, a value lies outside
            [-1, 1], or a trajectory has no cosines.

    Example:
        >>> import numpy as np, moo.plotting
        >>> figure, axes = moo.plotting.plot_conflict(np.array([[1.0, -0.4], [-0.4, 1.0]]))
        >>> axes.images[0].get_clim()
        (-1.0, 1.0)
    """
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}")
    check_band(band)
    cosines, labels, steps = _from_trajectory(cosines, tuple(names), steps, kind)
    if kind in ("pairs", "layers"):
        draw = _pairs if kind == "pairs" else _layers
        with style():
            return draw(cosines, labels, width)
    by_class = kind == "classes"
    curves = _class_curves(cosines, labels) if by_class else _pair_curves(cosines, labels)
    steps = _common_steps(curves, steps)
    with style():
        if kind == "map":
            return _map(curves, steps, width, log_steps)
        return _lines(curves, steps, band, width, log_steps)


def _from_trajectory(cosines: Any, names: tuple[str, ...], steps: Any, kind: str) -> Any:
    """Unpack a trajectory or the path of one; pass everything else through."""
    if isinstance(cosines, Mapping) or hasattr(cosines, "ndim"):
        return cosines, names, steps
    trajectory: Trajectory = as_trajectory(cosines)
    if kind not in ("pairs", "time", "map"):
        raise TypeError(f'kind="{kind}" takes a mapping of arrays, got a Trajectory')
    if trajectory.cosines is None:
        raise ValueError("the trajectory has no cosines: its method takes no Gramian")
    return trajectory.cosines, names or trajectory.names, trajectory.steps


def _pairs(cosines: Any, names: tuple[str, ...], width: str | float) -> tuple[StyledFigure, Axes]:
    matrix = mean_over(_matrices("cosines", cosines))
    labels = _objective_labels(len(matrix), names)
    across = min(width_inches(width), 1.4 + 0.5 * len(matrix))
    figure = new_figure(across, 0.8 * (across - 0.7))
    axes = figure.add_subplot()
    draw_heatmap(axes, matrix, labels, labels)
    figure.freeze()
    return figure, axes


def _layers(
    cosines: Mapping[str, Any], names: tuple[str, ...], width: str | float
) -> tuple[StyledFigure, Axes]:
    layers = {layer: mean_over(_matrices(layer, c)) for layer, c in _mapping(cosines).items()}
    sizes = {layer: len(matrix) for layer, matrix in layers.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"layers must share their number of objectives, got {sizes}")
    m = next(iter(sizes.values()))
    labels, pairs = _objective_labels(m, names), list(itertools.combinations(range(m), 2))
    values = np.array([[matrix[i, j] for i, j in pairs] for matrix in layers.values()])
    figure = new_figure(width, max(0.7 + 0.2 * len(layers), 1.5))
    axes = figure.add_subplot()
    draw_heatmap(axes, values, list(layers), [f"{labels[i]} – {labels[j]}" for i, j in pairs])
    figure.freeze()
    return figure, axes


def _common_steps(curves: Mapping[str, Float], steps: Any) -> Float:
    """The iterations of all curves: those given, or the rows counted."""
    times = {label: runs.shape[1] for label, runs in curves.items()}
    steps = np.arange(next(iter(times.values()))) if steps is None else np.asarray(steps)
    if set(times.values()) != {len(steps)}:
        raise ValueError(
            f"steps and all cosines must share their length, got {len(steps)} and {times}"
        )
    return np.asarray(steps)


def _map(
    curves: Mapping[str, Float], steps: Float, width: str | float, log_steps: bool
) -> tuple[StyledFigure, Axes]:
    """Pairs by time, the mean over starts, each value up to the next step that has one."""
    values = np.stack([summary(runs, None)[0] for runs in curves.values()])
    known = np.isfinite(values).any(axis=0) & ((steps > 0) | (not log_steps))
    figure = new_figure(width, max(0.75 + 0.19 * len(curves), 1.6))
    axes = figure.add_subplot()
    drawn = steps[known]
    edges = np.append(drawn, 2 * drawn[-1] - drawn[-2] if len(drawn) > 1 else drawn[-1] + 1)
    draw_timemap(axes, edges, values[:, known], list(curves))
    step_axis(axes, [edges], log_steps)
    figure.freeze()
    return figure, axes


def _lines(
    curves: Mapping[str, Float], steps: Float, band: Band, width: str | float, log_steps: bool
) -> tuple[StyledFigure, Axes]:
    figure = new_figure(width, min(0.72 * width_inches(width), 3.0))
    axes = figure.add_subplot()
    axes.axhline(0, color="#999999", linewidth=0.6, zorder=0)
    for i, (label, runs) in enumerate(curves.items()):
        draw_band(axes, steps, runs, band, label=label, **series_style(i))
    axes.set(ylim=(-1.05, 1.05), ylabel="gradient cosine")
    step_axis(axes, [steps], log_steps)
    shared_legend(figure, axes, caption({len(runs) for runs in curves.values()}, band))
    figure.freeze()
    return figure, axes


def _pair_curves(cosines: Any, names: tuple[str, ...]) -> dict[str, Float]:
    matrices = _matrices("cosines", cosines)
    matrices = matrices[None] if matrices.ndim == 3 else matrices
    if matrices.ndim != 4:
        raise ValueError(
            f"cosines over time must be (time, m, m) or (starts, time, m, m), got {matrices.shape}"
        )
    m = matrices.shape[-1]
    labels = _objective_labels(m, names)
    pairs = itertools.combinations(range(m), 2)
    return {f"{labels[i]} – {labels[j]}": matrices[:, :, i, j] for i, j in pairs}


def _class_curves(cosines: Any, names: tuple[str, ...]) -> dict[str, Float]:
    if not isinstance(cosines, Mapping):
        array = np.asarray(cosines, dtype=float)
        if array.ndim != 2 or len(array) != len(names):
            raise ValueError(
                f"an array of classes must be (classes, time) with a name a class, got shape "
                f"{array.shape} and names {names}"
            )
        cosines = dict(zip(names, array, strict=True))
    curves = {str(k): np.atleast_2d(np.asarray(v, float)) for k, v in _mapping(cosines).items()}
    for label, runs in curves.items():
        if runs.ndim != 2 or not runs.size:
            raise ValueError(f"class {label!r} must be (time,) or (runs, time), got {runs.shape}")
        _check_range(label, runs)
    return curves


def _mapping(cosines: Any) -> Mapping[str, Any]:
    if not isinstance(cosines, Mapping):
        raise TypeError(f"cosines must be a mapping name -> array, got {type(cosines).__name__}")
    if not cosines:
        raise ValueError("cosines is empty: give at least one entry")
    return cosines


def _matrices(name: str, cosines: Any) -> Float:
    if isinstance(cosines, Mapping):
        raise TypeError('cosines must be an array or a Trajectory; a mapping is for kind="layers"')
    array = np.asarray(cosines, dtype=float)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] < 2:
        raise ValueError(f"{name} must be (..., m, m) with m at least 2, got shape {array.shape}")
    _check_range(name, array)
    return array


def _check_range(name: str, values: Float) -> None:
    if not np.isfinite(values).any():
        raise ValueError(f"{name}: holds no finite cosine")
    largest = float(np.nanmax(np.abs(values)))
    if largest > 1 + 1e-3:
        raise ValueError(f"{name}: cosines must lie in [-1, 1], got one of size {largest:.4g}")


def _objective_labels(m: int, names: tuple[str, ...]) -> list[str]:
    if names and len(names) != m:
        raise ValueError(f"names must have one name for each of {m} objectives, got {names}")
    return list(names) or [rf"$g_{{{i + 1}}}$" for i in range(m)]
