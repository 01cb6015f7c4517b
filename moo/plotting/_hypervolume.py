"""Hypervolume against what it cost: iterations, backward passes, seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from moo._record import Trajectory
from moo.plotting._bands import Band, band_alpha, caption, check_band, draw_band
from moo.plotting._inputs import Float, as_trajectory
from moo.plotting._panels import row_of_panels, shared_legend
from moo.plotting._planes import check_no_name
from moo.plotting._series import abscissa, labelled_runs
from moo.plotting._style import StyledFigure, series_style, style

_TIMES = 200


def plot_hypervolume(
    curves: Mapping[str, Any], costs: Mapping[str, Any] | None = None, problem: Any = None,
    *, reference: Any = None, best: float | None = None, band: Band = "quantile",
    width: str | float = "text", log_costs: bool = False,
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw the hypervolume over every cost, a panel a cost, with a band over runs.

    The vertical axis says the reference point and what the hypervolume is divided by. Clocks that
    differ from run to run are brought together on 200 times, at which a run has the value it last
    reached.

    Args:
        curves: label -> (runs, time) hypervolumes; or a `moo.Trajectory` or the path of a saved
            one, whose starts are one set, or a list of those, a run each.
        costs: name -> the cost at each time, such as {"backward passes": ..., "seconds": ...}:
            (time,), a (runs, time) clock, or a mapping of these by the labels of `curves`. None
            takes the trajectories' iterations, and counts rows of arrays.
        problem: a `moo.problems.Problem`, for reference point and hypervolume of its front.
        reference: (m,) reference point; None takes the problem's.
        best: positive hypervolume to divide by; None takes the problem's, where the reference
            point is the problem's too, and else divides by nothing.
        band: over runs: "quantile", "sem", "bootstrap" or None, as for `plot_losses`.
        width: inches or a preset, as for `plot_trajectories`.
        log_costs: log scale for the costs; times at cost 0 are not shown.

    Returns:
        The figure, and its axes of shape (costs,).

    Raises:
        TypeError: if problem is a name, or an entry is neither an array nor a trajectory.
        ValueError: if there is no reference point, best is not positive, or shapes do not fit.

    Example:
        >>> import numpy as np, moo.plotting
        >>> grown = 1 - np.exp(-np.linspace(0.0, 3.0, 20)) * np.array([[1.0], [0.8]])
        >>> figure, axes = moo.plotting.plot_hypervolume({"mgda": grown}, reference=(1.1, 1.1))
        >>> axes[0].get_ylabel().splitlines()
        ['hypervolume, not normalised', 'reference (1.1, 1.1)']
    """
    check_band(band)
    check_no_name(problem)
    if not isinstance(curves, Mapping) or not curves:
        raise ValueError("curves must map at least one label to hypervolumes or trajectories")
    corner, scale, words = _scale(problem, reference, best)
    steps = {str(label): _iterations(value) for label, value in curves.items()}
    found = labelled_runs("curves", {k: _volumes(v, corner) for k, v in curves.items()})
    costs = {"iteration": steps} if costs is None else costs
    with style():
        figure, axes = row_of_panels(len(costs), width, share_x=False, share_y=True)
        for panel, (name, cost) in zip(axes, costs.items(), strict=True):
            for i, (label, runs) in enumerate(found.items()):
                x, values = _against(f"costs {name!r}", cost, label, runs / scale)
                look = {"label": label, "alpha": band_alpha(len(found)), **series_style(i)}
                draw_band(panel, x, values, band, **look)
            _cost_axis(panel, name, log_costs)
        axes[0].set_ylabel(words)
        shared_legend(figure, axes[0], caption({len(runs) for runs in found.values()}, band))
        figure.freeze()
    return figure, axes


def _scale(problem: Any, reference: Any, best: float | None) -> tuple[Float, float, str]:
    """The reference point, the divisor, and the words for both."""
    own = getattr(problem, "reference_point", None)
    corner = own if reference is None else np.atleast_1d(np.asarray(reference, dtype=float))
    if corner is None:
        raise ValueError("reference: give the reference point, or a problem that has one")
    point = "(" + ", ".join(f"{value:g}" for value in corner) + ")"
    whole = getattr(problem, "max_hypervolume", None)
    if best is None and whole is not None and own is not None and np.array_equal(corner, own):
        best, divided = float(whole), "share of the front's hypervolume"
    else:
        divided = "hypervolume, not normalised" if best is None else f"hypervolume / {best:.4g}"
    if best is not None and not 0 < best < np.inf:
        raise ValueError(f"best must be a positive hypervolume to divide by, got {best}")
    return corner, best or 1.0, f"{divided}\nreference {point}"


def _volumes(value: Any, reference: Float) -> Float:
    """(runs, time) hypervolumes of what came: an array stays, trajectories are sets over time."""
    if hasattr(value, "ndim"):
        return np.asarray(value, dtype=float)
    paths = _runs_of(value)
    if len({len(path) for path in paths}) > 1:
        raise ValueError("trajectories of one label must be recorded at the same steps")
    return np.stack([_volume_over_time(np.asarray(p.objectives), reference) for p in paths])


def _volume_over_time(losses: Float, reference: Float) -> Float:
    """Hypervolumes (time,) of the sets (starts, time, m); a start that failed adds nothing."""
    from moo.metrics import hypervolume

    safe = np.where(np.isfinite(losses), losses, np.inf)
    return np.array([hypervolume(safe[:, t], reference) for t in range(safe.shape[1])])


def _iterations(value: Any) -> Float | None:
    """The steps of trajectories; None for an array."""
    return None if hasattr(value, "ndim") else np.asarray(_runs_of(value)[0].steps, dtype=float)


def _runs_of(value: Any) -> list[Trajectory]:
    return [as_trajectory(v) for v in (value if isinstance(value, list | tuple) else [value])]


def _against(name: str, cost: Any, label: str, runs: Float) -> tuple[Float, Float]:
    """Return the abscissa (points,) and the runs (runs, points) on it."""
    if isinstance(cost, Mapping):
        if label not in cost:
            raise ValueError(f"{name} has no entry for {label!r}, only {sorted(cost)}")
        cost = cost[label]
    if np.ndim(cost) < 2:
        return abscissa(name, cost, runs.shape[1]), runs
    clocks = np.asarray(cost, dtype=float)
    if clocks.shape != runs.shape:
        raise ValueError(f"{name} of {label!r} must have shape {runs.shape}, got {clocks.shape}")
    for clock in clocks:
        abscissa(name, clock, runs.shape[1])
    return common_clock(clocks, runs)


def common_clock(clocks: Float, runs: Float) -> tuple[Float, Float]:
    """Bring runs with clocks of their own, both (runs, time), on times that all of them cover.

    Example:
        >>> clocks, runs = np.array([[0.0, 2.0], [0.0, 4.0]]), np.array([[1.0, 5.0], [2.0, 6.0]])
        >>> times, values = common_clock(clocks, runs)
        >>> times[[0, -1]].tolist(), values[:, [0, 99, -1]].tolist()
        ([0.0, 2.0], [[1.0, 1.0, 5.0], [2.0, 2.0, 2.0]])
    """
    times = np.linspace(clocks[:, 0].max(), clocks[:, -1].min(), _TIMES)
    if times[-1] < times[0]:
        raise ValueError("costs: the clocks of the runs do not overlap")
    rows = [np.searchsorted(clock, times, side="right") - 1 for clock in clocks]
    return times, np.stack([run[row] for run, row in zip(runs, rows, strict=True)])


def _cost_axis(axes: Axes, name: str, log_costs: bool) -> None:
    axes.set_xlabel(name)
    drawn = np.concatenate([np.asarray(line.get_xdata(), dtype=float) for line in axes.lines])
    shown = drawn[drawn > 0] if log_costs else drawn
    if log_costs:
        axes.set_xscale("log")
    if shown.size and shown.max() > shown.min():
        axes.set_xlim(shown.min() if log_costs else min(0.0, shown.min()), shown.max())
