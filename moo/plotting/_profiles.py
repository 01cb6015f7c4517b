"""Which share of the problems a method solves, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from moo.plotting._inputs import Float
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._series import abscissa
from moo.plotting._style import StyledFigure, series_style, style

ProfileKind: TypeAlias = Literal["ratio", "ecdf"]

_MARGIN = 1.1
_DECADES = 1000


def plot_profiles(
    costs: Mapping[str, Any], kind: ProfileKind = "ratio",
    *, at: Any = None, count: int | None = None, cost: str = "cost", upper: float | None = None,
    width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    r"""Draw performance profiles, or the share of targets reached against the cost.

    "ratio" is $\rho_s(\tau) = \frac1N |\{p : t_{p,s} \le \tau \min_{s'} t_{p,s'}\}|$ over N
    problems p: at τ = 1 the share of problems on which method s is (one of) the best, far right
    the share that it solves at all. "ecdf" is the share of targets reached within a cost. A target
    never reached, inf or NaN, counts as unsolved, and no curve leaves it out.

    Args:
        costs: label -> positive costs of reaching a target, lower is better, of any one shape,
            such as (problems,), (problems, seeds) or (problems, targets, seeds); or, with `at`,
            label -> (n,) shares already counted.
        kind: "ratio" (Dolan and Moré) or "ecdf".
        at: (n,) increasing τ or costs at which shares are given; None counts `costs`.
        count: of how many problems or targets given shares are, to print.
        cost: what the costs are, for the axis, such as "backward passes".
        upper: the last τ or cost to show; None shows every finite one.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        ValueError: if the kind is unknown, there are no costs, shapes differ or do not fit, a
            cost is not positive, or a share not in [0, 1].

    Example:
        >>> import moo.plotting
        >>> costs = {"a": [1.0, 4.0, 2.0], "b": [2.0, 1.0, float("inf")]}
        >>> figure, axes = moo.plotting.plot_profiles(costs)
        >>> [line.get_ydata()[-1].round(2).item() for line in axes.lines]
        [1.0, 0.67]

    Source: Dolan and Moré, Benchmarking optimization software with performance profiles,
        Mathematical Programming 91, 2002; Hansen et al., COCO, Optimization Methods and Software
        36, 2021.
    """
    if kind not in ("ratio", "ecdf"):
        raise ValueError(f'kind must be "ratio" or "ecdf", got {kind!r}')
    unit = "problems" if kind == "ratio" else "targets"
    if at is None:
        found = _checked_costs(costs)
        count = next(iter(found.values())).size
        unit = "runs" if kind == "ratio" and np.ndim(next(iter(costs.values()))) > 1 else unit
        curves = _counted(ratios(found) if kind == "ratio" else found, kind, upper)
    else:
        curves = _given(costs, at, upper)
    first, last = next(iter(curves.values()))[0][[0, -1]].tolist()
    with style():
        figure, axes = one_panel(list(curves), width)
        for i, (label, (x, y)) in enumerate(curves.items()):
            axes.plot(x, y, drawstyle="steps-post", label=label, **series_style(i))
        axes.set(xlim=(first, last), ylim=(0, 1.02), ylabel=f"share of {unit}")
        _cost_axis(axes, kind, cost, last / first)
        shared_legend(figure, axes, None if count is None else f"{count} {unit}")
        figure.freeze()
    return figure, axes


def ratios(costs: Mapping[str, Float]) -> dict[str, Float]:
    """Costs (problems,) over the least cost of any method; inf where the method failed.

    Example:
        >>> ratios({"a": np.array([2.0, np.inf]), "b": np.array([6.0, np.inf])})["b"].tolist()
        [3.0, inf]
    """
    best = np.min(list(costs.values()), axis=0)
    return {
        label: np.divide(values, best, out=np.full(values.shape, np.inf), where=np.isfinite(values))
        for label, values in costs.items()
    }


def steps_of(values: Float, first: float, last: float) -> tuple[Float, Float]:
    """Corners of the share of values at or below x, from the first x to the last.

    Example:
        >>> x, y = steps_of(np.array([4.0, 1.0, np.inf, 2.0]), 1.0, 8.0)
        >>> x.tolist(), y.tolist()
        ([1.0, 2.0, 4.0, 8.0], [0.25, 0.5, 0.75, 0.75])
    """
    inner = np.unique(values[(values > first) & (values < last)])
    x = np.concatenate([[first], inner, [last]])
    return x, np.searchsorted(np.sort(values.ravel()), x, side="right") / values.size


def _mapping(costs: Mapping[str, Any]) -> dict[str, Float]:
    """Arrays by label, all of one shape."""
    if not isinstance(costs, Mapping) or not costs:
        raise ValueError("costs must map at least one label to an array")
    found = {str(k): np.asarray(v, dtype=float) for k, v in costs.items()}
    shapes = {label: values.shape for label, values in found.items()}
    if len(set(shapes.values())) > 1 or not next(iter(found.values())).size:
        raise ValueError(f"costs must share a shape that is not empty, got {shapes}")
    return found


def _checked_costs(costs: Mapping[str, Any]) -> dict[str, Float]:
    found = {k: np.where(np.isnan(v), np.inf, v).ravel() for k, v in _mapping(costs).items()}
    for label, values in found.items():
        if (values <= 0).any():
            raise ValueError(f"costs {label!r} must be positive, got {values.min():g}")
    return found


def _counted(
    costs: Mapping[str, Float], kind: str, upper: float | None
) -> dict[str, tuple[Float, Float]]:
    """Step curves of costs or ratios, between limits that they share."""
    values = np.concatenate(list(costs.values()))
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise ValueError("costs hold no finite entry: no method solved a problem")
    first = 1.0 if kind == "ratio" else float(finite.min())
    last = max(float(finite.max()), first) * _MARGIN if upper is None else float(upper)
    if not first < last < np.inf:
        raise ValueError(f"upper must be finite and above {first:g}, got {last:g}")
    return {label: steps_of(v, first, last) for label, v in costs.items()}


def _given(
    shares: Mapping[str, Any], at: Any, upper: float | None
) -> dict[str, tuple[Float, Float]]:
    """Step curves of shares that were counted elsewhere."""
    found = _mapping(shares)
    x = abscissa("at", at, next(iter(found.values())).shape[-1])
    for label, y in found.items():
        if y.shape != x.shape or not ((y >= 0) & (y <= 1)).all():
            raise ValueError(f"shares {label!r} must be {x.shape}, in [0, 1], got shape {y.shape}")
    last = x[-1] * _MARGIN if upper is None else float(upper)
    if not 0 < x[0] < last:
        raise ValueError(f"at must be positive, and upper above it, got {x[0]:g} and {last:g}")
    kept = x < last
    return {
        label: (np.append(x[kept], last), np.append(y[kept], y[kept][-1]))
        for label, y in found.items()
    }


def _cost_axis(axes: Axes, kind: str, cost: str, span: float) -> None:
    """A log axis, in powers of two for ratios that do not span decades."""
    axes.set_xscale("log", base=2 if kind == "ratio" and span < _DECADES else 10)
    if kind == "ratio" and span < _DECADES:
        axes.xaxis.set_major_locator(LogLocator(2, numticks=11))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(rf"{cost} / least {cost}, $\tau$" if kind == "ratio" else cost)
