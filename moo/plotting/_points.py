"""Sets of points in objective space by label."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from moo._record import Trajectory
from moo.plotting._inputs import Float, as_trajectory
from moo.plotting._paths import ends
from moo.plotting._planes import check_no_name

MARKERS = "os^Dv<>P"


def point_sets(points: Mapping[str, Any], problem: Any = None) -> dict[str, Float]:
    """Return label -> (n, m) of arrays, or of trajectories, of which the ends are taken.

    Raises:
        TypeError: if problem is a name.
        ValueError: if there are no points, they are not (n, m), or m differs among them or from
            the problem's.
    """
    check_no_name(problem)
    if not isinstance(points, Mapping) or not points:
        raise ValueError("points is empty: map at least one label to a set")
    found = {str(label): _points(str(label), value) for label, value in points.items()}
    counts = {label: values.shape[1] for label, values in found.items()}
    if problem is not None:
        counts[f"problem {problem.name}"] = problem.num_objectives
    if len(set(counts.values())) > 1:
        raise ValueError(f"points must share their number of objectives, got {counts}")
    return found


def _points(label: str, value: Any) -> Float:
    saved = isinstance(value, Trajectory | str | os.PathLike)
    values = np.asarray(ends(as_trajectory(value).objectives) if saved else value)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"points {label!r} must be (n, m) with n at least 1, got {values.shape}")
    return values
