"""Several criteria on one scale each: which way is good, and what the scale runs between."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from moo._record import Trajectory
from moo.plotting._inputs import Float, as_trajectory
from moo.plotting._paths import ends


class Scale(NamedTuple):
    """Two values (m,) that a share of 0 and a share of 1 stand for, and which way is good."""

    poor: Float
    good: Float
    higher: np.ndarray

    def shares(self, values: Float) -> Float:
        """Map values (..., m) to shares, 1 the good end; outside of [0, 1] they are not clipped."""
        return (values - self.poor) / (self.good - self.poor)

    def titles(self, names: Sequence[str]) -> list[str]:
        """Names with an arrow towards better values."""
        arrows = ["↑" if up else "↓" for up in self.higher]
        return [f"{name} {arrow}" for name, arrow in zip(names, arrows, strict=True)]


def score_sets(scores: Mapping[str, Any]) -> dict[str, Float]:
    """Return label -> (n, m) of arrays (m,) or (n, m), or of the ends of trajectories."""
    if not isinstance(scores, Mapping) or not scores:
        raise ValueError("scores must map at least one label to the m values of its criteria")
    found = {str(label): _set_of(str(label), value) for label, value in scores.items()}
    counts = {label: values.shape[1] for label, values in found.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"scores must share their number of criteria, got {counts}")
    return found


def _set_of(label: str, value: Any) -> Float:
    if isinstance(value, Trajectory | str | os.PathLike):
        return np.asarray(ends(as_trajectory(value).objectives), dtype=float)
    values = np.atleast_2d(np.asarray(value, dtype=float))
    if values.ndim != 2 or not values.size:
        raise ValueError(f"scores {label!r} must be (m,) or (n, m), got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"scores {label!r} must be finite: leave a failed method out and say so")
    return values


def criteria_names(m: int, names: Sequence[str]) -> list[str]:
    """The m names given, or letters."""
    if names and len(names) != m:
        raise ValueError(f"names must have one name for each of {m} criteria, got {tuple(names)}")
    return list(names) or [rf"$f_{{{i + 1}}}$" for i in range(m)]


def scale_of(
    found: Mapping[str, Float], higher_is_better: bool | Sequence[bool], limits: Any, room: float
) -> Scale:
    """The scale given as (m, 2) poor and good ends, or that of all values seen.

    Args:
        found: label -> (n, m).
        higher_is_better: one bool for all, or m of them.
        limits: (m, 2), or None.
        room: share of the range seen that is left below the poorest value.
    """
    values = np.concatenate(list(found.values()))
    m = values.shape[1]
    flags = np.asarray(higher_is_better)
    if flags.dtype != np.bool_ or flags.shape not in ((), (m,)):
        raise ValueError(f"higher_is_better must be a bool or {m} of them, got {higher_is_better}")
    higher = np.broadcast_to(flags, (m,))
    if limits is not None:
        return _given(np.asarray(limits, dtype=float), higher)
    low, high = values.min(axis=0), values.max(axis=0)
    poor, good = np.where(higher, low, high), np.where(higher, high, low)
    half = np.where(low == high, np.maximum(np.abs(good), 1) / 2, 0.0) * np.where(higher, 1, -1)
    poor, good = poor - half, good + half
    return Scale(poor - room * (good - poor), good, higher)


def _given(limits: Float, higher: np.ndarray) -> Scale:
    if limits.shape != (len(higher), 2):
        raise ValueError(f"limits must be ({len(higher)}, 2), poor and good, got {limits.shape}")
    poor, good = limits.T
    wrong = np.flatnonzero((good > poor) != higher)
    if wrong.size or not np.isfinite(limits).all():
        raise ValueError(
            f"limits must run from poor to good as higher_is_better says, got {limits.tolist()}"
        )
    return Scale(poor, good, np.asarray(higher))
