"""The objectives' weights over time, as lines or as stacked shares."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from moo._record import Trajectory
from moo.plotting._bands import Band, caption, check_band, draw_band, summary
from moo.plotting._inputs import Float, Trajectories, collect, names_of, subject
from moo.plotting._panels import row_of_panels, shared_legend, step_axis
from moo.plotting._style import OKABE_ITO, StyledFigure, series_style, style

WeightsKind: TypeAlias = Literal["lines", "stack"]


def plot_weights(
    trajectories: Trajectories, kind: WeightsKind = "lines",
    *, band: Band = "quantile", width: str | float = "page", log_steps: bool = False,
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw the weights that each method used, a panel a method.

    Args:
        trajectories: one, several in a list, or a mapping label -> trajectory, with weights.
        kind: "lines" draws each objective's weight with a band over starts; "stack" the mean over
            starts of the shares w_i / Σ_j w_j, stacked to 1.
        band: for lines: "quantile", "sem", "bootstrap" or None, as for `plot_losses`.
        width: inches or a preset, as for `plot_trajectories`.
        log_steps: log scale for the iterations.

    Returns:
        The figure, and its axes of shape (methods,).

    Raises:
        TypeError: if an entry is no trajectory.
        ValueError: if there is nothing to draw, a trajectory has no weights, the kind or band is
            unknown, or weights to be stacked are negative.

    Example:
        >>> import numpy as np, moo, moo.plotting
        >>> half = np.full((1, 4, 2), 0.5)
        >>> path = moo.Trajectory(steps=np.arange(4), objectives=half, weights=half)
        >>> figure, axes = moo.plotting.plot_weights(path, "stack", width="column")
        >>> len(axes)
        1
    """
    if kind not in ("lines", "stack"):
        raise ValueError(f'kind must be "lines" or "stack", got {kind!r}')
    check_band(band)
    found = collect(trajectories)
    weights = {label: _weights(label, t) for label, t in found.items()}
    if kind == "stack":
        weights = {label: _shares(label, w) for label, w in weights.items()}
    names = names_of(found)
    with style():
        figure, axes = row_of_panels(len(found), width, share_y=kind == "stack")
        for panel, (label, t) in zip(axes, found.items(), strict=True):
            if kind == "stack":
                _draw_stack(panel, t.steps, weights[label], names)
            else:
                for i, name in enumerate(names):
                    runs = weights[label][:, :, i]
                    draw_band(panel, t.steps, runs, band, label=name, **series_style(i))
            panel.set_title(label)
            panel.set_ylim(bottom=min(panel.get_ylim()[0], 0.0))
            step_axis(panel, [t.steps for t in found.values()], log_steps)
        axes[0].set_ylabel("weight" if kind == "lines" else "share of weight")
        counts = {len(w) for w in weights.values()}
        shared_legend(figure, axes[0], caption(counts, band if kind == "lines" else None))
        figure.freeze()
    return figure, axes


def _weights(label: str, trajectory: Trajectory) -> Float:
    if trajectory.weights is None:
        raise ValueError(f"{subject(label)} has no weights: its method has none, or kept none")
    return np.asarray(trajectory.weights, dtype=float)


def _shares(label: str, weights: Float) -> Float:
    if (weights < 0).any():
        raise ValueError(f'{subject(label)} has negative weights: use kind="lines"')
    total = weights.sum(axis=2, keepdims=True)
    return np.divide(weights, total, out=np.full_like(weights, np.nan), where=total > 0)


def _draw_stack(axes: Axes, steps: np.ndarray, shares: Float, names: list[str]) -> None:
    """Stack the mean shares; the weights of the last row, never used, are left out."""
    mean = np.stack([summary(shares[:, :, i], None)[0] for i in range(len(names))])
    used = np.isfinite(mean).all(axis=0)
    colors = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(names))]
    axes.stackplot(steps[used], mean[:, used], labels=names, colors=colors, alpha=0.85, linewidth=0)
    axes.set_ylim(0, 1)
