"""The two-task toy that many papers run: which starts reach the front, and where they end."""

from typing import Any

import numpy as np
import optax

import moo

TOLERANCE = 0.05  # from the exact Pareto set, as in the benchmarks' verdicts
# FAMO's settings on this toy are those of its authors' script, without clipping.
FAMO = {"decay": 0.0, "max_norm": None, "lower_bounds": (-2.1, -21.0)}


def trajectory(
    method: str, steps: int, *, problem: moo.problems.Problem | None = None, rate: float = 1e-3,
    label: str = "", **options: Any,
) -> moo.Trajectory:  # fmt: skip
    """Run a method with Adam from the problem's starts; None takes the setting of Nash-MTL."""
    problem = moo.problem("two_task_toy") if problem is None else problem
    tx = moo.optimizer(method, optax.adam(rate), num_objectives=2, **options)
    return moo.run(problem, tx, steps=steps, every=max(1, steps // 500), label=label or method)


def ends(path: moo.Trajectory) -> np.ndarray:
    """Return where the starts ended, (starts, 2)."""
    assert path.params is not None
    return path.params[:, -1]


def on_front(path: moo.Trajectory) -> np.ndarray:
    """Return which starts ended within the tolerance of the exact Pareto set, (starts,)."""
    return moo.problem("two_task_toy").distance_to_set(ends(path)) <= TOLERANCE
