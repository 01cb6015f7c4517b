"""What the theory workbench measures along runs: stationarity, avoidance, regret, stability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axes import Axes

from moo._jacobian._checks import check_choice
from moo.plotting._bars import draw_bars, finished, labelled, tick_at, with_power
from moo.plotting._inputs import Float
from moo.plotting._panels import one_panel, row_of_panels, shared_legend
from moo.plotting._rate import plot_rate
from moo.plotting._style import StyledFigure, style

if TYPE_CHECKING:
    from moo.diagnostics.theory import Convergence, Regret, Stability

Quantity = Literal["gap", "avoidance"]
_SAID = {
    "gap": "mean squared gap to stationarity",
    "avoidance": "mean squared distance from avoidance",
}


def plot_convergence(
    found: Mapping[str, Convergence],
    *,
    quantity: Quantity = "gap",
    reference: float | tuple[float, ...] = (),
    width: str | float = "column",
) -> tuple[StyledFigure, Axes]:
    """Draw stationarity, or conflict avoidance, against the horizon, as `plot_rate` does.

    With less than three horizons, or a value that is 0 or NaN, the axis is linear, the bars are two
    standard errors, and nothing is fitted.

    Args:
        found: label -> what `moo.diagnostics.theory.convergence` returned, of the same horizons.
        quantity: `"gap"` or `"avoidance"`; a method with none of it but NaN, as one without
            weights has, is not drawn.
        reference: slopes of dashed lines to compare with.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import Convergence, Fit
        >>> at, fit = np.array([10, 100, 1000]), Fit(-0.5, np.nan, np.nan)
        >>> one = Convergence(at, 1 / np.sqrt(at)[None], np.full((1, 3), np.nan), fit, fit)
        >>> figure, axes = moo.plotting.plot_convergence({"graddrop": one})
        >>> axes.get_ylabel()
        'mean squared gap to stationarity'
    """
    check_choice("quantity", quantity, Quantity)
    runs = {name: getattr(one, quantity) for name, one in labelled(found).items()}
    runs = {name: one for name, one in runs.items() if not np.isnan(one).all()}
    if not runs:
        raise ValueError(f"none of the results has a number of quantity={quantity!r}")
    at = next(iter(found.values())).horizons
    return _rate(runs, at, reference, ("horizon $T$", _SAID[quantity]), width)


def plot_regret(
    found: Mapping[str, Regret],
    *,
    reference: float | tuple[float, ...] = 0.5,
    width: str | float = "column",
) -> tuple[StyledFigure, Axes]:
    """Draw regret against the rounds, as `plot_rate` does where all of it is positive.

    A negative regret has no logarithm: with one, or less than three numbers of rounds, the axis is
    linear, the bars are two standard errors, and nothing is fitted.

    Args:
        found: label -> what `moo.diagnostics.theory.regret` returned, of the same rounds.
        reference: slopes of dashed lines to compare with.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import Fit, Regret
        >>> one = Regret(np.array([10, 100]), np.array([[1.0, -2.0], [2.0, -4.0]]),
        ...              Fit(np.nan, np.nan, np.nan))
        >>> figure, axes = moo.plotting.plot_regret({"mean": one})
        >>> axes.lines[1].get_ydata().tolist()
        [1.5, -3.0]
    """
    runs = {name: one.regret for name, one in labelled(found).items()}
    at = next(iter(found.values())).rounds
    return _rate(runs, at, reference, ("rounds $T$", "regret"), width)


def plot_stability(
    found: Mapping[str, Stability], *, width: str | float = "column"
) -> tuple[StyledFigure, np.ndarray]:
    """Draw how far twin runs end apart, and how far training losses flatter, by samples.

    Left, the distance of runs that differ in one sample, on log-log axes, with its power; right,
    expected losses less those of the training set, mean over the objectives. Bars are two standard
    errors.

    Args:
        found: label -> what `moo.diagnostics.theory.replacement_stability` returned.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its two axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import Fit, Stability
        >>> one = Stability(np.array([8, 64]), np.array([[0.8, 0.1]]), np.zeros((1, 2, 3)),
        ...                 Fit(-1.0, np.nan, np.nan))
        >>> figure, axes = moo.plotting.plot_stability({"mean": one})
        >>> figure.legends[0].get_texts()[0].get_text()
        'mean: −1.00'
    """
    labels = {name: with_power(name, one.fit) for name, one in labelled(found).items()}
    sizes = np.unique(np.concatenate([one.sizes for one in found.values()]))
    with style():
        figure, axes = row_of_panels(2, width, aspect=0.85)
        axes[0].set(xscale="log", yscale="log", ylabel="distance of twin runs")
        axes[1].set(ylabel="generalisation gap")
        axes[1].axhline(0, color="#555555", linewidth=0.7, zorder=0)
        at = {labels[name]: one.sizes for name, one in found.items()}
        _draw_means(axes[0], at, {labels[name]: one.distance for name, one in found.items()})
        gaps = {labels[name]: one.generalisation.mean(axis=2) for name, one in found.items()}
        _draw_means(axes[1], at, gaps)
        for panel in axes:
            panel.set_xlabel("samples $n$")
            tick_at(panel, sizes)
        shared_legend(figure, axes[0], "power of the distance [95 %]")
        figure.freeze()
    return figure, axes


def _rate(
    runs: Mapping[str, Float], at: Float, reference: float | tuple[float, ...],
    labels: tuple[str, str], width: str | float,
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    """Draw a rate where all values have a logarithm, else the means."""
    if len(at) > 2 and all((one > 0).all() for one in runs.values()):
        return plot_rate(runs, at, dropped=0.0, reference=reference, labels=labels, width=width)
    with style():
        figure, axes = one_panel(list(runs), width)
        axes.set(xscale="log", xlabel=labels[0], ylabel=labels[1])
        axes.axhline(0, color="#555555", linewidth=0.7, zorder=0)
        _draw_means(axes, dict.fromkeys(runs, at), runs)
        tick_at(axes, at)
        return finished(figure, axes, None)


def _draw_means(axes: Axes, at: Mapping[str, Float], runs: Mapping[str, Float]) -> None:
    """Means over seeds with two standard errors; one seed has none."""
    for i, (label, values) in enumerate(runs.items()):
        error = np.zeros(values.shape[1])
        if len(values) > 1:
            error = 2 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
        draw_bars(axes, at[label], values.mean(axis=0), error, i, label)
