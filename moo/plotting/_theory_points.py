"""What the theory workbench measures at a point: bias, covariance, descent, sensitivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from moo.plotting._bars import draw_bars, finished, labelled, tick_at, with_power
from moo.plotting._panels import one_panel
from moo.plotting._style import StyledFigure, style

if TYPE_CHECKING:
    from moo.diagnostics.theory import (
        DescentCertificate,
        DirectionBias,
        WeightCovariance,
        WeightSensitivity,
    )

_APART = 0.12  # of a coordinate, from series to series


def plot_bias(
    found: Mapping[str, DirectionBias], *, width: str | float = "column"
) -> tuple[StyledFigure, Axes]:
    """Draw the bias of directions against the batch size on log-log axes, with its power.

    Bars are two standard errors. Filled marks are clear of noise; an open one stands at twice the
    error of a bias that is not: it is no larger than about that.

    Args:
        found: label -> what `moo.diagnostics.theory.direction_bias` returned.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import DirectionBias, Fit
        >>> one = DirectionBias(np.array([6, 24]), np.array([0.4, 0.1]), np.array([0.01, 0.01]),
        ...                     np.array([1.0, 0.5]), Fit(-1.0, -1.1, -0.9))
        >>> figure, axes = moo.plotting.plot_bias({"mgda": one})
        >>> figure.legends[0].get_texts()[0].get_text()
        'mgda: −1.00 [−1.10, −0.90]'
    """
    labels = {name: with_power(name, one.fit) for name, one in labelled(found).items()}
    with style():
        figure, axes = one_panel(list(labels.values()), width)
        axes.set(xscale="log", yscale="log", xlabel="batch size", ylabel="bias of the direction")
        for i, (name, one) in enumerate(found.items()):
            clear = one.bias > 2 * one.error
            shown = np.where(clear, one.bias, 2 * one.error)
            bars = np.where(clear, 2 * one.error, 0)
            draw_bars(axes, one.batch_sizes, shown, bars, i, labels[name], filled=clear)
        tick_at(axes, np.unique(np.concatenate([one.batch_sizes for one in found.values()])))
        return finished(figure, axes, "power of the batch size [95 %]")


def plot_sensitivity(
    found: Mapping[str, WeightSensitivity], *, width: str | float = "column"
) -> tuple[StyledFigure, Axes]:
    """Draw how far weights move near collinear gradients, by their angle, on log-log axes.

    Bars are two standard errors. Where weights do not move by more than rounding there is no
    mark.

    Args:
        found: label -> what `moo.diagnostics.theory.weight_sensitivity` returned.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import Fit, WeightSensitivity
        >>> still = WeightSensitivity(np.array([0.3, 0.1]), np.zeros((2, 2)), np.ones((2, 2)),
        ...                           np.zeros(2), Fit(np.nan, np.nan, np.nan))
        >>> figure, axes = moo.plotting.plot_sensitivity({"mean": still})
        >>> figure.legends[0].get_texts()[0].get_text()
        'mean: none'
    """
    labels = {
        name: f"{name}: none" if (one.weights == 0).all() else with_power(name, one.fit)
        for name, one in labelled(found).items()
    }
    with style():
        figure, axes = one_panel(list(labels.values()), width)
        axes.set(xscale="log", yscale="log", xlabel="angle between the gradients (rad)",
                 ylabel="change of weights per change")  # fmt: skip
        for i, (name, one) in enumerate(found.items()):
            mean = one.weights.mean(axis=0)
            shown = np.where(mean > 0, mean, np.nan)
            draw_bars(axes, one.angles, shown, 2 * one.error, i, labels[name])
        tick_at(axes, np.unique(np.concatenate([one.angles for one in found.values()])))
        return finished(figure, axes, "power of the angle [95 %]")


def plot_covariance(
    found: Mapping[str, WeightCovariance], *, width: str | float = "column"
) -> tuple[StyledFigure, Axes]:
    """Draw the covariance of weights and gradients, coordinate by coordinate.

    Filled marks are of one batch; open ones, of the weights of one and the gradients of another,
    are noise alone. Bars are two standard errors.

    Args:
        found: label -> what `moo.diagnostics.theory.weight_covariance` returned.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import WeightCovariance
        >>> one = WeightCovariance(np.array([0.2, -0.1]), np.full(2, 0.01), np.zeros(2),
        ...                        np.full(2, 0.01), np.full(2, 0.5))
        >>> figure, axes = moo.plotting.plot_covariance({"mgda": one})
        >>> [text.get_text() for text in figure.legends[0].get_texts()]
        ['mgda, one batch', 'mgda, another']
    """
    labels = [f"{name}, {which}" for name in labelled(found) for which in ("one batch", "another")]
    with style():
        figure, axes = one_panel(labels, width)
        axes.set(xlabel="coordinate of the direction", ylabel="covariance")
        axes.axhline(0, color="#555555", linewidth=0.7, zorder=0)
        for i, one in enumerate(found.values()):
            both = ((one.same, one.error), (one.other, one.other_error))
            for side, (entry, error) in enumerate(both):
                at = np.arange(len(entry)) + _APART * (2 * i + side + 0.5 - len(found))
                draw_bars(axes, at, entry, 2 * error, i, labels[2 * i + side], line=False,
                      filled=np.full(len(entry), side == 0))  # fmt: skip
        axes.set_xticks(np.arange(max(len(one.same) for one in found.values())))
        return finished(figure, axes, None)


def plot_descent(
    found: Mapping[str, DescentCertificate], *, width: str | float = "column"
) -> tuple[StyledFigure, Axes]:
    r"""Draw at which share of points no loss rises for steps $x - t v$ up to t.

    Bars are two standard errors of a share, as of points drawn at random.

    Args:
        found: label -> what `moo.diagnostics.theory.descent_certificate` returned.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there is nothing to draw.

    Example:
        >>> import numpy as np, moo
        >>> from moo.diagnostics.theory import DescentCertificate
        >>> one = DescentCertificate(np.ones((2, 2)), np.ones(2, bool), np.array([0.1, 1.0]),
        ...                          np.array([0.1, 1.0]))
        >>> figure, axes = moo.plotting.plot_descent({"upgrad": one})
        >>> axes.lines[0].get_ydata().tolist()
        [1.0, 0.5]
    """
    with style():
        figure, axes = one_panel(list(labelled(found)), width)
        axes.set(xscale="log", xlabel="step size $t$", ylabel="points where no loss rises")
        for i, (name, one) in enumerate(found.items()):
            share = (one.longest[:, None] >= one.steps * (1 - 1e-6)).mean(axis=0)
            error = np.sqrt(share * (1 - share) / len(one.longest))
            draw_bars(axes, one.steps, share, 2 * error, i, name)
        axes.set_ylim(-0.03, 1.03)
        return finished(figure, axes, None)
