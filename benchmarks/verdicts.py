"""Which starts of the two-task toy reach the front, over jittered copies of each start."""

import time
from typing import Any

import jax
import numpy as np
import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show

COPIES = 16
JITTER = 1e-3
TOLERANCE = 0.05
STEPS = 35_000

# Published settings of the Nash-MTL toy. FAMO has those of its authors' script, 50,000 steps, but
# no clipping: clipped to norm 1, up to 3 of 16 copies of the first start miss the front.
SETTINGS: dict[str, tuple[int, dict[str, Any]]] = {
    "mean": (STEPS, {}),
    "mgda": (STEPS, {}),
    "pcgrad": (STEPS, {}),
    "cagrad": (STEPS, {"c": 0.4}),
    "nash_mtl": (STEPS, {}),
    "imtl_g": (STEPS, {}),
    "aligned_mtl": (STEPS, {}),
    "dual_proj": (STEPS, {}),
    "upgrad": (STEPS, {}),
    "famo": (50_000, {"decay": 0.0, "max_norm": None, "lower_bounds": (-2.1, -21.0)}),
}


def verdicts() -> None:
    """Print the share of copies on the front, and where they end, by method and start."""
    rows = []
    for method in SETTINGS:
        started = time.perf_counter()
        ends = final_points(method)
        share = on_front(ends).mean(axis=1)
        means = "  ".join(f"{a:6.2f}" for a in ends[..., 0].mean(axis=1))
        shares = "  ".join(f"{s:4.2f}" for s in share)
        seconds = time.perf_counter() - started
        rows.append((method, f"{SETTINGS[method][0]:,}", shares, means, f"{seconds:.1f}"))
    note = (
        f"{COPIES} copies of each of the five starts, jittered by N(0, {JITTER}); within "
        f"{TOLERANCE} of the exact Pareto set; Adam at 1e-3, float32, scale 0.1."
    )
    columns = ("method", "steps", "share on the front, starts 1-5", "mean final θ₁", "seconds")
    show(Table("Verdicts on the two-task toy", columns, rows, note), Console(width=120))


def final_points(method: str, seed: int = 0) -> np.ndarray:
    """Return where every jittered copy ends, shape (starts, copies, 2)."""
    problem = moo.problem("two_task_toy")
    noise = np.random.default_rng(seed).normal(0, JITTER, (len(problem.starts), COPIES, 2))
    starts = np.asarray(problem.starts)[:, None] + noise
    steps, options = SETTINGS[method]
    tx = moo.optimizer(method, optax.adam(1e-3), num_objectives=2, **options)
    points = jax.numpy.asarray(starts.reshape(-1, 2), jax.numpy.float32)
    path = moo.run(problem, tx, starts=points, steps=steps, every=steps, label=method)
    assert path.params is not None
    return path.params[:, -1].reshape(starts.shape)


def on_front(points: np.ndarray) -> np.ndarray:
    """Say which points lie within the tolerance of the exact Pareto set."""
    return moo.problem("two_task_toy").distance_to_set(points) <= TOLERANCE
