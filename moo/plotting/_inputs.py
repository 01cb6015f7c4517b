"""What users hand to a plot, brought to one form: trajectories by label."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from moo._record import Trajectory

RUN_FILE = "trajectory.npz"
Float: TypeAlias = NDArray[np.floating[Any]]
TrajectoryLike: TypeAlias = Any
"""A `Trajectory`, the path of a saved one or of its run's folder, or losses of shape
(starts, time, m) or (time, m)."""
Trajectories: TypeAlias = TrajectoryLike | Mapping[str, TrajectoryLike] | Iterable[TrajectoryLike]


def collect(trajectories: Trajectories) -> dict[str, Trajectory]:
    """Return trajectories by label, in the order given.

    Args:
        trajectories: one, several, or several by label.

    Returns:
        At least one trajectory, all of the same number of objectives.

    Raises:
        TypeError: if an entry is neither a trajectory, nor a path, nor an array.
        ValueError: if there are none, an entry is empty, two share a label, or their numbers of
            objectives differ.
    """
    if isinstance(trajectories, Mapping):
        found = {str(label): as_trajectory(value) for label, value in trajectories.items()}
    elif _is_one(trajectories):
        one = as_trajectory(trajectories)
        found = {one.label: one}
    elif isinstance(trajectories, Iterable):
        found = _by_own_label([as_trajectory(value) for value in trajectories])
    else:
        raise TypeError(f"trajectories: {_ACCEPTED}, got {type(trajectories).__name__}")
    _check(found)
    return found


def as_trajectory(value: TrajectoryLike) -> Trajectory:
    """Return the trajectory itself, the one saved at a path, or one around an array of losses.

    A path may name the folder of a run, which keeps its trajectory in `trajectory.npz`.
    """
    if isinstance(value, Trajectory):
        return value
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        return Trajectory.load(path / RUN_FILE if path.is_dir() else path)
    if not hasattr(value, "ndim"):
        raise TypeError(f"trajectories: {_ACCEPTED}, got {type(value).__name__}")
    losses = np.asarray(value)
    losses = losses[None] if losses.ndim == 2 else losses
    if losses.ndim != 3:
        raise ValueError(
            f"an array of losses must be (starts, time, m) or (time, m), got shape {losses.shape}"
        )
    return Trajectory(steps=np.arange(losses.shape[1]), objectives=losses)


def names_of(trajectories: Mapping[str, Trajectory], problem: Any = None) -> list[str]:
    """Names of the objectives: the trajectories' own, the problem's, or letters."""
    first = next(iter(trajectories.values()))
    own = tuple(first.names) or tuple(getattr(problem, "objective_names", ()))
    return objective_names(first.num_objectives, own)


def objective_names(m: int, names: tuple[str, ...]) -> list[str]:
    """The m names given; the losses' letters where there are none, or f1, f2 and so on."""
    if names and len(names) != m:
        raise ValueError(f"names must have one name for each of {m} objectives, got {names}")
    numbered = tuple(f"f{i + 1}" for i in range(m))
    return [rf"$\ell_{{{i + 1}}}$" for i in range(m)] if names in ((), numbered) else list(names)


def subject(label: str) -> str:
    """A label as an error message's subject."""
    return f"trajectory {label!r}" if label else "the trajectory"


_ACCEPTED = "give a moo.Trajectory, the path of a saved one, an array, or a list or mapping of them"


def _is_one(value: Any) -> bool:
    return isinstance(value, Trajectory | str | os.PathLike) or hasattr(value, "ndim")


def _by_own_label(trajectories: list[Trajectory]) -> dict[str, Trajectory]:
    labels = [t.label or f"run {i + 1}" for i, t in enumerate(trajectories)]
    if len(set(labels)) < len(labels):
        raise ValueError(
            f"trajectories share a label in {labels}: pass a mapping label -> trajectory"
        )
    return dict(zip(labels, trajectories, strict=True))


def _check(trajectories: Mapping[str, Trajectory]) -> None:
    if not trajectories:
        raise ValueError("trajectories is empty: give at least one")
    for label, trajectory in trajectories.items():
        if not trajectory.objectives.size:
            shape = trajectory.objectives.shape
            raise ValueError(f"{subject(label)} has no points: objectives have shape {shape}")
    counts = {label: t.num_objectives for label, t in trajectories.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"trajectories must share their number of objectives, got {counts}")
