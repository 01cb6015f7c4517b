"""What a solver takes after compilation, beside TorchJD's on the same Gramians."""

import functools
import importlib.metadata
import os
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console

from benchmarks.tables import Table, show, write_csv
from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._bargaining import bargain
from moo.aggregators._solvers._conic import conflict_averse
from moo.aggregators._solvers._dual_cone import project_rows
from moo.aggregators._solvers._min_norm import min_norm

SIZES = (8, 64, 512)
WIDEST = 64  # for what solves m problems of m unknowns, and for TorchJD's cone programs
DRAWS = 5  # matrices of each kind
COMMAND = "python -m benchmarks solvers"


class Times(NamedTuple):
    """Milliseconds of repeated calls."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """Return the median with the extremes in brackets."""
        return f"{self.median:.3g} ({self.least:.3g}-{self.most:.3g})"


def solver_times(repeats: int = 15, folder: Path | None = None) -> None:
    """Print how long each solver takes on Gaussian Jacobians of full and of half rank.

    Args:
        repeats: timed calls of each solver and matrix kind.
        folder: where to write the table as `solver_times.csv` too; None to print it only.
    """
    theirs = _torchjd()
    kinds = (("d = 2m", 2.0), ("d = m/2", 0.5))
    rows = [
        _row(name, kind, _draws(m, int(m * width)), theirs, repeats)
        for m in SIZES
        for kind, width in kinds
        for name in OURS
        if m <= WIDEST or name in ("min-norm", "Nash")
    ]
    columns = ("solver", "m", "Jacobian", "moo ms", "certified", "TorchJD ms")
    table = Table("Solvers after compilation, float32", columns, rows, _note(repeats))
    show(table, Console(width=120))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(table, folder / "solver_times.csv")


def _draws(m: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(m)
    return rng.standard_normal((DRAWS, m, width)).astype(np.float32)


def _row(
    name: str, kind: str, stack: np.ndarray, theirs: Mapping[str, Any], repeats: int
) -> tuple[str, ...]:
    m = stack.shape[1]
    solver = jax.jit(OURS[name])
    grams = [jax.jit(gram_of_rows)(jnp.asarray(J)) for J in stack]
    active = jnp.ones(m, bool)
    ours = _timed([functools.partial(solver, gram, active) for gram in grams], repeats)
    sound = np.mean([bool(solver(gram, active).converged) for gram in grams])
    peer = "not installed" if not theirs else "-"
    if name in theirs and (m <= WIDEST or name == "min-norm"):
        peer = str(_timed([theirs[name](J) for J in stack], min(repeats, DRAWS)))
    return name, str(m), kind, str(ours), f"{sound:.0%}", peer


def _timed(calls: list[Callable[[], Any]], repeats: int) -> Times:
    jax.block_until_ready(calls[0]())
    taken = []
    for k in range(repeats):
        started = time.perf_counter()
        jax.block_until_ready(calls[k % len(calls)]())
        taken.append(1e3 * (time.perf_counter() - started))
    return Times(float(np.median(taken)), min(taken), max(taken))


def _even(active: jax.Array) -> jax.Array:
    return active / jnp.sum(active)


OURS: Mapping[str, Callable[..., Any]] = {
    "min-norm": min_norm,
    "dual cone, all rows": lambda gram, active: project_rows(gram, active, _even(active)),
    "Nash": lambda gram, active: bargain(gram, active, 1.0),
    "CAGrad": lambda gram, active: conflict_averse(gram, active, 0.4),
}


def _torchjd() -> Mapping[str, Callable[[np.ndarray], Callable[[], Any]]]:
    """Return its solvers by our names, each from a Jacobian to a call; empty if not installed."""
    try:
        import torch
        from torchjd import aggregation
    except ImportError:
        return {}

    def on_gramian(weighting: Any) -> Callable[[np.ndarray], Callable[[], Any]]:
        def prepare(J: np.ndarray) -> Callable[[], Any]:
            gramian = torch.from_numpy(J @ J.T)
            return lambda: weighting(gramian)

        return prepare

    def nash(J: np.ndarray) -> Callable[[], Any]:
        rows = torch.from_numpy(J)
        return lambda: _quietly(aggregation.NashMTL(n_tasks=len(J)), rows)

    found = {
        "min-norm": on_gramian(aggregation.MGDAWeighting()),
        "dual cone, all rows": on_gramian(aggregation.UPGradWeighting()),
        "CAGrad": on_gramian(aggregation.CAGradWeighting(c=0.4)),
    }
    try:
        nash(np.eye(2, dtype=np.float32))()
    except ImportError:
        return found
    return found | {"Nash": nash}


def _quietly(aggregator: Any, rows: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return aggregator(rows)


def _note(repeats: int) -> str:
    versions = ", ".join(
        f"{name} {_version(name)}" for name in ("jax", "jaxlib", "numpy", "torchjd", "torch")
    )
    return (
        f"Median (least-most) of {repeats} calls on {DRAWS} Gaussian Jacobians; certified: share "
        f"with the flag `converged` (Nash has no solution at a Pareto-stationary point). TorchJD "
        f"solves on the host, with its defaults; all but min-norm up to m = {WIDEST} only. "
        f"{versions}; "
        f"{os.cpu_count()} cores, default threads. Command: {COMMAND}."
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
