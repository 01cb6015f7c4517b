"""The two-task toy: the trajectories of eight methods from five starts."""

from typing import Any, NamedTuple

import optax

import moo

STEPS = 35_000
LEARNING_RATE = 1e-3

# FAMO's settings on this toy are those of its authors' script, without clipping.
METHODS: dict[str, dict[str, Any]] = {
    "mean": {},
    "pcgrad": {},
    "cagrad": {"c": 0.4},
    "mgda": {},
    "nash_mtl": {},
    "aligned_mtl": {},
    "upgrad": {},
    "famo": {"decay": 0.0, "max_norm": None, "lower_bounds": (-2.1, -21.0)},
}


class Verdict(NamedTuple):
    """Where one method ended: which starts reached the front, and how far it spread."""

    method: str
    reached: tuple[bool, ...]
    ends: tuple[tuple[float, float], ...]


def trajectory(method: str, steps: int = STEPS) -> moo.Trajectory:
    """Run one method with Adam from the five published starts."""
    problem = moo.problem("two_task_toy")
    tx = moo.optimizer(method, optax.adam(LEARNING_RATE), num_objectives=2, **METHODS[method])
    return moo.run(problem, tx, steps=steps, every=max(1, steps // 700), label=method)


def verdict(trajectory: moo.Trajectory, tolerance: float = 0.05) -> Verdict:
    """Say which starts ended within `tolerance` of the exact Pareto set."""
    assert trajectory.params is not None
    ends = trajectory.params[:, -1]
    distance = moo.problem("two_task_toy").distance_to_set(ends)
    points = tuple((float(a), float(b)) for a, b in ends)
    return Verdict(trajectory.label, tuple(bool(d <= tolerance) for d in distance), points)
