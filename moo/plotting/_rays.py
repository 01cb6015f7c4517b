"""Solutions against the preference rays that they were asked to lie on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from moo.plotting._inputs import Float, objective_names
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._paths import draw_curve
from moo.plotting._planes import front_curve
from moo.plotting._points import MARKERS, point_sets
from moo.plotting._style import OKABE_ITO, StyledFigure, style

RayRule: TypeAlias = Literal["inverse", "direct"]

_GREY = "#777777"
_ALIKE = 3.0  # ratio of the two spans up to which both axes get one scale
_MARGIN = 0.08
_LEAST_GAP = 0.075  # between two labels, as a share of the frame


def plot_rays(
    points: Mapping[str, Any], preferences: Any, problem: Any = None,
    *, rule: RayRule = "inverse", ideal: tuple[float, float] = (0.0, 0.0),
    names: tuple[str, ...] = (), width: str | float = "column",
) -> tuple[StyledFigure, Axes]:  # fmt: skip
    r"""Draw preference rays, what each method found for them, and by how many degrees it missed.

    A ray starts at the ideal point z. By the rule "inverse" its direction is $1 / r$, where
    $r_1 (\ell_1 - z_1) = r_2 (\ell_2 - z_2)$, as in EPO and weighted Chebyshev methods; by
    "direct" it is $r$, as the reference vectors of PMTL. The degrees beyond the frame are the
    ray's own angle to the first axis; the legend has each method's mean and largest angle between
    solution and ray, in loss units whatever the axes' scales.

    Args:
        points: label -> losses (K, 2), row k the answer to preference k; or a `moo.Trajectory`,
            or the path of a saved one, whose K ends are taken.
        preferences: (K, 2), non-negative, no row all 0.
        problem: a `moo.problems.Problem` with two objectives, for its front and names; or None.
        rule: "inverse" or "direct".
        ideal: where the rays start.
        names: the two objectives' names; () takes the problem's.
        width: inches or a preset, as for `plot_trajectories`.

    Returns:
        The figure and its axes.

    Raises:
        TypeError: if problem is a name.
        ValueError: if the rule is unknown, or shapes do not fit.

    Example:
        >>> import numpy as np, moo.plotting
        >>> preferences = np.array([[0.5, 0.5], [0.2, 0.8]])
        >>> found = {"mine": np.array([[0.3, 0.3], [0.8, 0.2]])}
        >>> figure, axes = moo.plotting.plot_rays(found, preferences)
        >>> figure.legends[0].get_texts()[0].get_text()
        'mine: off by 0.0°, at most 0.0°'
    """
    if rule not in ("inverse", "direct"):
        raise ValueError(f'rule must be "inverse" or "direct", got {rule!r}')
    found, rays = point_sets(points, problem), _directions(preferences, rule)
    for label, values in found.items():
        if values.shape != rays.shape:
            raise ValueError(
                f"points {label!r} must be {rays.shape}, a row for each preference, "
                f"got {values.shape}"
            )
    origin = np.asarray(ideal, dtype=float)
    curve = front_curve(problem, 400)
    entries = [_entry(label, angles(values - origin, rays)) for label, values in found.items()]
    with style():
        figure, axes = one_panel(entries, width, aspect=0.8, tallest=3.2)
        _limit(axes, [origin[None], *found.values(), *([] if curve is None else [curve])])
        if curve is not None:
            draw_curve(axes, curve, "exact").set_label("Pareto front")
        _draw_rays(axes, origin, rays)
        for i, (label, values) in enumerate(zip(entries, found.values(), strict=True)):
            axes.plot(
                *values.T, MARKERS[i % len(MARKERS)], color=OKABE_ITO[i % len(OKABE_ITO)],
                label=label, zorder=4, clip_on=False, markeredgecolor="white", markeredgewidth=0.4,
            )  # fmt: skip
        labels = objective_names(2, tuple(names) or tuple(getattr(problem, "objective_names", ())))
        axes.set(xlabel=labels[0], ylabel=labels[1])
        shared_legend(figure, axes)
        figure.freeze()
    return figure, axes


def angles(vectors: Float, rays: Float) -> Float:
    """Degrees (K,) between vectors and rays, both (K, 2); NaN for a vector of length 0.

    Example:
        >>> angles(np.array([[1.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
        [45.0, 0.0]
    """
    cross = vectors[:, 0] * rays[:, 1] - vectors[:, 1] * rays[:, 0]
    degrees = np.degrees(np.arctan2(np.abs(cross), (vectors * rays).sum(axis=1)))
    return np.where(vectors.any(axis=1), degrees, np.nan)


def _directions(preferences: Any, rule: RayRule) -> Float:
    """Unit directions (K, 2); for two objectives 1/r points along (r_2, r_1), zeros included."""
    rows = np.asarray(preferences, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):
        raise ValueError(f"preferences must be (K, 2): rays are drawn in a plane; got {rows.shape}")
    if not np.isfinite(rows).all() or (rows < 0).any() or not rows.any(axis=1).all():
        raise ValueError("preferences must be finite and non-negative, and no row all 0")
    rows = rows[:, ::-1] if rule == "inverse" else rows
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _entry(label: str, off: Float) -> str:
    return f"{label}: off by {np.nanmean(off):.1f}°, at most {np.nanmax(off):.1f}°"


def _limit(axes: Axes, sets: list[Float]) -> None:
    """Limits around all points; one scale on both axes where their spans are alike."""
    stacked = np.concatenate(sets).astype(float)
    stacked = stacked[np.isfinite(stacked).all(axis=1)]
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    high = high + _MARGIN * span
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    if max(span) < _ALIKE * min(span):
        axes.set_aspect("equal")


def _draw_rays(axes: Axes, origin: Float, rays: Float) -> None:
    """Lines from the ideal point to the frame, with their angle beyond it where there is room."""
    low, corner = np.array([axes.get_xlim(), axes.get_ylim()]).T
    last = np.full(2, -np.inf)
    for ray in rays[np.argsort(np.arctan2(rays[:, 1], rays[:, 0]), kind="stable")]:
        with np.errstate(divide="ignore"):
            reach = np.where(ray > 0, (corner - origin) / ray, np.inf)
        end = origin + reach.min() * ray
        axes.plot(*np.stack([origin, end]).T, color=_GREY, linewidth=0.6, gid="ray", clip_on=False)
        place = (end - low) / (corner - low)
        if np.abs(place - last).max() < _LEAST_GAP:
            continue
        last = place
        axes.annotate(
            f"{np.degrees(np.arctan2(ray[1], ray[0])):.0f}°", end, xytext=3 * ray,
            textcoords="offset points", color=_GREY, fontsize="small", annotation_clip=False,
            ha="left" if reach[0] <= reach[1] else "center",
            va="center" if reach[0] <= reach[1] else "bottom",
        )  # fmt: skip
