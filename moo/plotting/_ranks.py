"""Mean ranks against a critical difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from moo.plotting._friedman import ranking
from moo.plotting._style import StyledFigure, new_figure, style, width_inches

_ROW = 0.19  # inches
_LETTER = 0.06  # inches
_TICK = 0.25  # inches from number to number
_LIFT = 19.0  # points from the axis up to the critical difference


def plot_critical_difference(
    ranks: Mapping[str, Any], critical_difference: float | None = None, problems: int | None = None,
    *, p_value: float | None = None, level: float = 0.05, higher_is_better: bool = False,
    width: str | float = "text",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    r"""Draw mean ranks on a line, with bars that join methods which the test does not tell apart.

    Two of k methods differ where their mean ranks over N problems differ by Nemenyi's
    $\mathrm{CD} = q_\alpha \sqrt{k (k + 1) / (6 N)}$ or more. The diagram is refused below
    5 problems or 5 methods. Where Friedman's test does not reject at `level`, one bar joins all
    methods.

    Args:
        ranks: label -> mean rank, 1 the best, with `critical_difference` and `problems`; or
            label -> (problems,) raw scores, ranked here with mean ranks for ties.
        critical_difference: the least difference of mean ranks that counts; None computes it
            from raw scores at `level`.
        problems: the number of problems that the mean ranks are over.
        p_value: of Friedman's test, to print; None computes it from raw scores.
        level: of both tests, in (0, 1).
        higher_is_better: whether a large raw score is a good one.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if there are fewer than 5 methods or problems, something is missing, the mean
            ranks are not those of k methods, or a raw score is NaN.

    Example:
        >>> import moo.plotting
        >>> ranks = {"a": 1.2, "b": 2.1, "c": 3.0, "d": 4.2, "e": 4.5}
        >>> figure, axes = moo.plotting.plot_critical_difference(ranks, 1.5, problems=16)
        >>> [line.get_xdata().tolist() for line in axes.lines if line.get_gid() == "not apart"]
        [[1.2, 2.1], [2.1, 3.0], [3.0, 4.2], [4.2, 4.5]]

    Source: Demšar, Statistical comparisons of classifiers over multiple data sets, Journal of
        Machine Learning Research 7, 2006.
    """
    found = ranking(
        ranks, critical_difference, problems,
        p_value=p_value, level=level, higher_is_better=higher_is_better,
    )  # fmt: skip
    labels, k = list(found.means), len(found.means)
    words = f"mean rank over {found.problems} problems, 1 is best"
    words += "" if found.p_value is None else f", Friedman {_p_words(found.p_value)}"
    rows = (k + 1) // 2
    depth = 0.5 + 0.35 * len(found.groups) + rows
    with style():
        figure = new_figure(width_inches(width), 0.6 + _ROW * (depth + 0.5))
        figure.suptitle(words, fontsize="small")
        axes = figure.add_subplot()
        room = figure.get_figwidth() - 2 * _LETTER * (6 + max(map(len, labels)))
        _rank_axis(axes, k, depth, room)
        _draw_span(axes, found.distance)
        for i, label in enumerate(labels):
            row = depth - (rows - 1 - min(i, k - 1 - i))
            _draw_method(axes, label, found.means[label], row, 1 if i < rows else k)
        for i, group in enumerate(found.groups):
            ends = [found.means[labels[j]] for j in group]
            (bar,) = axes.plot(ends, [0.5 + 0.35 * i] * 2, color="black", linewidth=2.4)
            bar.set(gid="not apart", solid_capstyle="butt")
        figure.freeze()
    return figure, axes


def _p_words(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _rank_axis(axes: Axes, methods: int, depth: float, room: float) -> None:
    """An axis of ranks on top, with as many numbers as fit into `room` inches."""
    step = math.ceil((methods - 1) / max(room / _TICK, 2))
    axes.set(xlim=(1, methods), ylim=(depth + 0.5, 0))
    axes.xaxis.tick_top()
    axes.set_xticks(range(1, methods + 1, step))
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.spines["top"].set_visible(True)


def _draw_span(axes: Axes, distance: float) -> None:
    """The critical difference to scale, above the numbers of the axis."""
    lift = ScaledTranslation(0, _LIFT / 72, axes.figure.dpi_scale_trans)
    above = axes.get_xaxis_transform() + lift
    axes.plot(
        [1, 1 + distance], [1, 1], color="black", linewidth=1.0, marker="|", markersize=5,
        transform=above, clip_on=False, gid="critical difference",
    )  # fmt: skip
    axes.text(
        1 + distance, 1, f"   critical difference {distance:.2f}", transform=above, va="center"
    )


def _draw_method(axes: Axes, label: str, rank: float, row: float, edge: float) -> None:
    """An elbow from the axis down to the method's row and out to its name."""
    left = edge == 1
    axes.plot(
        [rank, rank, edge], [0, row, row], color="black", linewidth=0.7, clip_on=False, gid="method"
    )
    axes.annotate(
        f"{label}  {rank:.2f}" if left else f"{rank:.2f}  {label}", (edge, row),
        xytext=(-4 if left else 4, 0), textcoords="offset points", va="center",
        ha="right" if left else "left", annotation_clip=False,
    )  # fmt: skip
