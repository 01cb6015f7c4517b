"""The toy strip: ten methods from five starts for 50,000 steps, drawn in both spaces."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show

STEPS = 50_000
KEPT = 500  # points of a path

# Settings of the toy where a paper's are not the defaults; FAMO's are those of its authors' script.
METHODS: dict[str, dict[str, Any]] = {
    "mean": {},
    "mgda": {},
    "pcgrad": {},
    "cagrad": {"c": 0.4},
    "imtl_g": {},
    "nash_mtl": {},
    "aligned_mtl": {},
    "fairgrad": {},
    "upgrad": {},
    "famo": {"decay": 0.0, "max_norm": None, "lower_bounds": (-2.1, -21.0)},
}


def strip(out: Path, steps: int = STEPS) -> None:
    """Run all methods in this process, draw both spaces, and print where the seconds went."""
    started = time.perf_counter()
    # Compilation and the compiled programs leave the interpreter to the other thread.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        paths = dict(zip(METHODS, threads.map(lambda name: trajectory(name, steps), METHODS),
                         strict=True))  # fmt: skip
    rows = [(name, _ends(path), "") for name, path in paths.items()]
    rows.append(("runs", "", f"{time.perf_counter() - started:.1f}"))
    out.mkdir(parents=True, exist_ok=True)
    _draw(paths, out)
    rows.append(("in all", "", f"{time.perf_counter() - started:.1f}"))
    note = (
        f"Adam at 1e-3, {steps:,} steps from five starts, compilation included; "
        f"{os.cpu_count()} cores, one process. Figures: {out}"
    )
    columns = ("method", "on the front", "seconds")
    show(Table("The toy strip", columns, rows, note), Console(width=100))


def trajectory(name: str, steps: int) -> moo.Trajectory:
    """Run one method from the published starts."""
    problem = moo.problem("two_task_toy")
    tx = moo.optimizer(name, optax.adam(1e-3), num_objectives=2, **METHODS[name])
    return moo.run(problem, tx, steps=steps, every=max(1, steps // KEPT), label=name)


def _ends(path: moo.Trajectory, tolerance: float = 0.05) -> str:
    """Return which starts ended on the exact Pareto set."""
    assert path.params is not None
    away = moo.problem("two_task_toy").distance_to_set(path.params[:, -1])
    return "".join("●" if one <= tolerance else "○" for one in away)


def _draw(paths: dict[str, moo.Trajectory], out: Path) -> None:
    problem = moo.problem("two_task_toy")
    for space in ("params", "objectives"):
        figure, _ = moo.plotting.plot_trajectories(paths, problem, space=space)
        moo.plotting.save(figure, out / f"strip_{space}.svg")
