"""What is measured of a run: one row of metrics at every recorded step."""

import functools
from typing import Any

import numpy as np

import moo
from benchmarks.runner._front import Front
from benchmarks.runner._program import Spec, build


def rows(spec: Spec, steps: np.ndarray, objectives: np.ndarray) -> list[dict[str, Any]]:
    """Return the rows of metrics of one cell.

    Args:
        spec: the problem.
        steps: shape (time,); the recorded steps.
        objectives: shape (starts, time, m); losses free of noise.

    Returns:
        For each time: `step`; `objectives`, their mean over the starts; `hypervolume`, of the
        starts' points as one set; `distance_to_front`, mean Euclidean distance to the true front,
        down to the floor that `benchmarks.runner._front.Front` states. None stands for what is
        unknown or not finite.
    """
    values = objectives.astype(np.float64)
    means, distances = values.mean(axis=0), _distances(spec, values)
    return [
        {
            "step": int(step),
            "objectives": [_number(value) for value in means[t]],
            "hypervolume": _hypervolume(spec, values[:, t]),
            "distance_to_front": _number(distances[t]),
        }
        for t, step in enumerate(steps)
    ]


def verdict(steps: np.ndarray, objectives: np.ndarray, finite: np.ndarray) -> dict[str, Any]:
    """Return the status of a cell: done, or failed and why.

    Args:
        steps: shape (time,).
        objectives: shape (starts, time, m).
        finite: shape (starts, time - 1); whether all steps between two rows were finite.
    """
    bad = ~np.isfinite(objectives).all(axis=2)
    bad[:, 1:] |= ~finite
    if not bad.any():
        return {"status": "done", "reason": None}
    row = int(bad.any(axis=0).argmax())
    start = int(bad[:, row].argmax())
    where = f"from start {start} at or before step {steps[row]}"
    count = f"{int(bad.any(axis=1).sum())} of {len(bad)} starts"
    return {"status": "failed", "reason": f"non-finite in {count}, first {where}"}


def _distances(spec: Spec, values: np.ndarray) -> np.ndarray:
    front = _front(spec)
    if front is None:
        return np.full(values.shape[1], np.nan)
    return np.asarray(front.distance(values).mean(axis=0))


@functools.lru_cache(maxsize=256)
def _front(spec: Spec) -> Front | None:
    problem = build(spec)
    return None if problem.pareto_front is None else Front(problem)


def _hypervolume(spec: Spec, points: np.ndarray) -> float | None:
    reference = build(spec).reference_point
    if reference is None or not np.isfinite(points).all():
        return None
    return moo.metrics.hypervolume(points, reference)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
