"""The package's main figure: where each method goes from each start, and why it stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from moo._record import Trajectory
from moo.plotting._inputs import Trajectories, collect
from moo.plotting._paths import (
    draw_ends,
    draw_paths,
    draw_starts,
    ends,
    legend_handles,
)
from moo.plotting._planes import Space, reaches_front
from moo.plotting._scene import Scene, build_scene
from moo.plotting._style import StyledFigure, style


def plot_trajectories(
    trajectories: Trajectories, problem: Any = None, space: Space = None,
    *, pair: tuple[int, int] = (0, 1), width: str | float = "page", columns: int | None = None,
    tolerance: float | None = 0.02, reached: Mapping[str, Sequence[bool]] | None = None,
    resolution: int = 160,
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw the paths of one or several methods, a column of panels a method.

    Parameter space lies over a map of cos(g1, g2), the cosine of the two objectives' gradients,
    with contour lines of both losses (solid and dotted) at their quantiles; objective space over
    the exact front. Starts are numbered black dots, ends are diamonds, and colour is the iteration
    on a log scale. Limits are shared. With more than two parameters, or without a problem that has
    two, the paths are shown in the first two principal components of all points together.

    Args:
        trajectories: one `moo.Trajectory`, several in a list, or a mapping label -> trajectory;
            the path of a saved one and arrays of losses (starts, time, m) do as well.
        problem: the `moo.problems.Problem` that was run; None for trained networks.
        space: "params", "objectives" or "both"; None takes both where every trajectory has at
            least two params, and else objectives.
        pair: which two objectives to draw, from 0.
        width: inches, or a preset: "column" (3.25), "text" (5.5), "page" (6.75), "ieee_column",
            "ieee", "neurips", "icml_column", "icml", "iclr".
        columns: panels in a row; None takes as many as stay legible at that width.
        tolerance: an end farther than this share of the front's extent from the exact front of a
            two-objective problem is drawn orange; None draws all ends alike.
        reached: label -> (starts,) bools, a verdict that takes the place of `tolerance` for the
            methods it names: ends that are False are drawn orange.
        resolution: cells of the cosine map along each axis.

    Returns:
        The figure, and its axes as an array of shape (spaces, methods).

    Raises:
        TypeError: if an entry is no trajectory, problem is a name, or a verdict is not boolean.
        ValueError: if there is nothing to draw, the space or pair is unknown, params are missing,
            a verdict has an unknown label or another number of starts, or trajectories and
            problem differ in their numbers of objectives or parameters.

    Example:
        >>> import numpy as np, moo, moo.plotting
        >>> losses = np.exp(-np.linspace(0.0, 3.0, 20))[None, :, None] * np.array([1.0, 2.0])
        >>> path = moo.Trajectory(steps=np.arange(20), objectives=losses, label="mean")
        >>> figure, axes = moo.plotting.plot_trajectories(path, space="objectives", width="column")
        >>> axes.shape, axes[0, 0].get_title()
        ((1, 1), 'mean')
    """
    with style():
        found = collect(trajectories)
        scene = build_scene(
            found, problem, space,
            pair=pair, width=width, columns=columns, resolution=resolution,
        )  # fmt: skip
        verdicts = {
            label: reaches_front(ends(t.objectives), problem, tolerance)
            for label, t in found.items()
        } | _given_verdicts({} if reached is None else reached, found)
        for panel in scene.panels():
            steps = found[panel.label].steps
            draw_paths(panel.axes, panel.paths, steps, scene.norm, scene.grain(panel.plane))
            numbered = scene.numbered(panel.plane)
            draw_starts(panel.axes, panel.paths[:, 0], numbered=numbered)
            draw_ends(panel.axes, ends(panel.paths), verdicts[panel.label])
        draw_legend(scene, off_front=not all(v.all() for v in verdicts.values()))
        scene.figure.freeze()
    return scene.figure, scene.axes


def _given_verdicts(
    reached: Mapping[str, Sequence[bool]], trajectories: Mapping[str, Trajectory]
) -> dict[str, np.ndarray]:
    """The caller's verdicts as masks, one entry a start."""
    if not isinstance(reached, Mapping):
        raise TypeError(f"reached must be a mapping label -> bools, got {type(reached).__name__}")
    masks = {str(label): np.asarray(verdict) for label, verdict in reached.items()}
    for label, mask in masks.items():
        if label not in trajectories:
            raise ValueError(f"reached has {label!r}, which is none of {list(trajectories)}")
        if mask.dtype != np.bool_:
            raise TypeError(f"reached[{label!r}] must hold bools, got {mask.dtype}")
        starts = len(trajectories[label].objectives)
        if mask.shape != (starts,):
            raise ValueError(
                f"reached[{label!r}] must have one bool for each of {starts} starts, "
                f"got shape {mask.shape}"
            )
    return masks


def draw_legend(scene: Scene, *, off_front: bool, end: str = "end") -> None:
    """One legend above all panels: the exact front where there is one, starts and ends."""
    exact = [plane.space for plane in scene.planes if plane.curve is not None]
    names = {"params": "Pareto set", "objectives": "Pareto front"}
    front = "Pareto set and front" if len(exact) == 2 else names[exact[0]] if exact else None
    handles = legend_handles(front, off_front, end)
    columns = 2 if len(handles) == 4 and scene.figure.get_figwidth() < 4 else len(handles)
    scene.figure.legend(handles=handles, loc="outside upper center", ncols=columns)
