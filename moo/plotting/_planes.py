"""The planes that paths are drawn in: two parameters, two principal components, two objectives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from moo._record import Trajectory
from moo.plotting._inputs import Float, names_of, subject

Space: TypeAlias = Literal["params", "objectives", "both"] | None

_CURVE_POINTS = 400
_MARGIN = 0.07


class Plane(NamedTuple):
    """One plane, shared by all panels of a row.

    Attributes:
        space: "params" or "objectives".
        paths: label -> (starts, time, 2).
        names: the two axis labels.
        curve: (n, 2) exact Pareto set or front in this plane, rows of NaN between its pieces; None
            where it is not known.
        low: (2,) lower limits.
        high: (2,) upper limits.
        exact: whether the coordinates are the problem's own two parameters.
    """

    space: str
    paths: dict[str, Float]
    names: tuple[str, str]
    curve: Float | None
    low: Float
    high: Float
    exact: bool = False


def planes(
    trajectories: Mapping[str, Trajectory], problem: Any, space: Space, pair: tuple[int, int]
) -> list[Plane]:
    """Return the planes that a space names, parameters first; None takes those there are."""
    if space not in ("params", "objectives", "both", None):
        raise ValueError(f'space must be "params", "objectives", "both" or None, got {space!r}')
    _check_problem(trajectories, problem)
    if space is None:
        space = "both" if _have_params(trajectories) else "objectives"
    pair = check_pair(next(iter(trajectories.values())).num_objectives, pair)
    chosen = []
    if space != "objectives":
        chosen.append(_params_plane(trajectories, problem))
    if space != "params":
        chosen.append(_objectives_plane(trajectories, problem, pair))
    return chosen


def principal_components(params: Mapping[str, Float]) -> tuple[dict[str, Float], Float]:
    """Project flat parameters on the first two principal components of all points together.

    Args:
        params: label -> (starts, time, d), d at least 2 and the same everywhere.

    Returns:
        label -> (starts, time, 2) coordinates around the mean point, and the (2,) shares of the
        variance that the two components explain. Signs are fixed: the largest loading is positive.

    Example:
        >>> line = np.linspace(0.0, 1.0, 5)[None, :, None] * np.array([3.0, 0.0, 4.0])
        >>> paths, shares = principal_components({"a": line})
        >>> paths["a"][0, :, 0].round(2).tolist(), shares.round(2).tolist()
        ([-2.5, -1.25, 0.0, 1.25, 2.5], [1.0, 0.0])
    """
    points = np.concatenate([p.reshape(-1, p.shape[-1]) for p in params.values()]).astype(float)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise ValueError("params hold no finite point to take principal components of")
    mean = points.mean(axis=0)
    _, scales, rows = np.linalg.svd(points - mean, full_matrices=False)
    basis = np.zeros((2, points.shape[1]))
    basis[: len(rows)] = rows[:2]
    largest = basis[np.arange(2), np.abs(basis).argmax(axis=1)]
    basis *= np.where(largest < 0, -1.0, 1.0)[:, None]
    total = np.square(scales).sum()
    shares = np.zeros(2)
    shares[: len(scales)] = np.square(scales[:2]) / (total if total > 0 else 1.0)
    return {label: (p - mean) @ basis.T for label, p in params.items()}, shares


def _params_plane(trajectories: Mapping[str, Trajectory], problem: Any) -> Plane:
    params = _params(trajectories)
    dimension = next(iter(params.values())).shape[2]
    if dimension > 2:
        paths, shares = principal_components(params)
        first, second = (f"PC {i + 1} ({share:.0%})" for i, share in enumerate(shares))
        return Plane("params", paths, (first, second), None, *_limits(paths, None))
    curve = None
    if problem is not None and problem.pareto_set is not None:
        curve = _in_pieces(problem.pareto_set(_CURVE_POINTS), problem)
    low, high = _limits(params, curve)
    window, bounds = getattr(problem, "window", None), getattr(problem, "bounds", None)
    if window is not None:
        low, high = np.minimum(low, window[0]), np.maximum(high, window[1])
    if bounds is not None:
        margin = 0.02 * (bounds[1] - bounds[0])
        low, high = np.maximum(low, bounds[0] - margin), np.minimum(high, bounds[1] + margin)
    names = (r"$\theta_1$", r"$\theta_2$")
    return Plane("params", params, names, curve, low, high, exact=problem is not None)


def _objectives_plane(
    trajectories: Mapping[str, Trajectory], problem: Any, pair: tuple[int, int]
) -> Plane:
    chosen = list(pair)
    paths = {label: np.asarray(t.objectives)[..., chosen] for label, t in trajectories.items()}
    curve = front_curve(problem, _CURVE_POINTS)
    names = names_of(trajectories, problem)
    low, high = _limits(paths, curve)
    return Plane("objectives", paths, (names[pair[0]], names[pair[1]]), curve, low, high)


def front_curve(problem: Any, n: int) -> Float | None:
    """The exact front of a two-objective problem, in order, rows of NaN between its pieces.

    None where there is no such curve.
    """
    if problem is None or problem.pareto_front is None or problem.num_objectives != 2:
        return None
    front = np.asarray(problem.pareto_front(n), dtype=float)
    return _in_pieces(front[np.lexsort((-front[:, 1], front[:, 0]))], problem)


def _in_pieces(curve: Any, problem: Any) -> Float:
    """Rows of NaN at the gaps of a curve, unless the problem's set is in one piece."""
    points = np.asarray(curve, dtype=float)
    return points if problem.connected else broken(points)


def broken(curve: Float) -> Float:
    """Insert NaN rows at jumps far longer than the usual spacing."""
    span = np.ptp(curve, axis=0)
    jumps = np.linalg.norm(np.diff(curve, axis=0) / np.where(span > 0, span, 1.0), axis=1)
    usual = np.median(jumps) if len(jumps) else 0.0
    gaps = np.flatnonzero(jumps > max(8 * usual, 0.03)) + 1
    return np.insert(curve, gaps, np.nan, axis=0)


def reaches_front(ends: Float, problem: Any, tolerance: float | None) -> np.ndarray:
    """Whether losses (starts, 2) lie within a share of the front's extent of the exact front."""
    front = None if tolerance is None else front_curve(problem, 4001)
    if front is None or tolerance is None:
        return np.ones(len(ends), dtype=bool)
    front = front[np.isfinite(front).all(axis=1)]
    span = np.ptp(front, axis=0)
    span = np.where(span > 0, span, 1.0)
    distances = np.linalg.norm((ends[:, None] - front) / span, axis=2).min(axis=1)
    return np.asarray(distances <= tolerance)


def _limits(paths: Mapping[str, Float], curve: Float | None) -> tuple[Float, Float]:
    points = [p.reshape(-1, 2) for p in paths.values()] + ([] if curve is None else [curve])
    stacked = np.concatenate(points).astype(float)
    stacked = stacked[np.isfinite(stacked).all(axis=1)]
    if not len(stacked):
        raise ValueError("trajectories hold no finite point to draw")
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return low - _MARGIN * span, high + _MARGIN * span


def _have_params(trajectories: Mapping[str, Trajectory]) -> bool:
    """Whether every trajectory has params of at least two dimensions."""
    params = [trajectory.params for trajectory in trajectories.values()]
    return all(p is not None and p.shape[2] > 1 for p in params)


def _params(trajectories: Mapping[str, Trajectory]) -> dict[str, Float]:
    missing = [label for label, t in trajectories.items() if t.params is None]
    if missing:
        raise ValueError(
            f"{subject(missing[0])} has no params: moo.fit needs keep_params=True to keep them; "
            'or plot with space="objectives"'
        )
    params = {label: np.asarray(t.params) for label, t in trajectories.items()}
    sizes = {label: p.shape[2] for label, p in params.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"trajectories must share their number of parameters, got {sizes}")
    if next(iter(sizes.values())) < 2:
        raise ValueError('params have one dimension only: plot with space="objectives"')
    return params


def _check_problem(trajectories: Mapping[str, Trajectory], problem: Any) -> None:
    check_no_name(problem)
    if problem is None:
        return
    for label, trajectory in trajectories.items():
        if trajectory.num_objectives != problem.num_objectives:
            raise ValueError(
                f"{subject(label)} has {trajectory.num_objectives} objectives, but problem "
                f"{problem.name!r} has {problem.num_objectives}"
            )
        if trajectory.params is not None and trajectory.params.shape[2] != problem.dim:
            raise ValueError(
                f"{subject(label)} has {trajectory.params.shape[2]} parameters, but problem "
                f"{problem.name!r} has {problem.dim}"
            )


def check_no_name(problem: Any) -> None:
    """Raise if a name or a path came where the problem itself is wanted."""
    if isinstance(problem, str | os.PathLike):
        raise TypeError(
            f"problem must be a moo.problems.Problem or None, got {os.fspath(problem)!r}: "
            "give moo.problem(...) of its name"
        )


def check_pair(m: int, pair: tuple[int, int]) -> tuple[int, int]:
    """Return the pair if it names two different ones of m objectives."""
    if m < 2:
        raise ValueError("a plane of objectives takes two of them, got one: use plot_losses")
    if len(pair) != 2 or pair[0] == pair[1] or not all(0 <= i < m for i in pair):
        raise ValueError(f"pair must be two different indices of the {m} objectives, got {pair}")
    return (int(pair[0]), int(pair[1]))
