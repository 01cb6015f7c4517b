"""Runs by label, and the abscissa they share: what the comparing figures take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from moo.plotting._inputs import Float


def labelled_runs(name: str, values: Any) -> dict[str, Float]:
    """Return label -> (runs, points) of a mapping of such arrays, or of one array.

    Raises:
        ValueError: if there are none, or an array is empty or has other axes.
    """
    entries = values if isinstance(values, Mapping) else {"": values}
    if not entries:
        raise ValueError(f"{name} is empty: give at least one entry")
    found = {str(k): np.atleast_2d(np.asarray(v, dtype=float)) for k, v in entries.items()}
    for label, runs in found.items():
        if runs.ndim != 2 or not runs.size:
            raise ValueError(
                f"{name} {label!r} must be (points,) or (runs, points), got shape {runs.shape}"
            )
    return found


def common_points(name: str, found: Mapping[str, Float]) -> int:
    """The number of points that all runs have."""
    counts = {label: runs.shape[1] for label, runs in found.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"{name} must share their number of points, got {counts}")
    return next(iter(counts.values()))


def abscissa(name: str, values: Any, points: int) -> Float:
    """Return (points,) increasing finite values; None counts from 0."""
    if values is None:
        return np.arange(points, dtype=float)
    x = np.asarray(values, dtype=float)
    if x.shape != (points,):
        raise ValueError(f"{name} must have shape ({points},) as the runs have, got {x.shape}")
    if not np.isfinite(x).all() or (np.diff(x) <= 0).any():
        raise ValueError(f"{name} must be finite and increase, got {x}")
    return x


def count_words(counts: set[int]) -> str:
    """How many runs: "n = 3", or "n = 2 to 5" where they differ."""
    numbers = sorted(counts)
    return f"n = {numbers[0]}" if len(numbers) == 1 else f"n = {numbers[0]} to {numbers[-1]}"
