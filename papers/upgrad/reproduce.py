"""UPGrad: its three properties, its theorem, others' failures, and the EWQ and CQF panels."""

import sys

import jax
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array, directions
from papers._min_norm import gap
from papers._paper import Settings
from papers._quadratics import descend, quadratics

from ._failures import failures
from ._properties import properties

# Multiples of the base rate: methods whose steps add gradients up, or have a length of their own.
RATES = {"nash_mtl": 2.0, "imtl_g": 2.0, "pcgrad": 0.5, "aligned_mtl": 0.5}
OPTIONS = {"cagrad": {"c": 0.5}, "nash_mtl": {"max_norm": 1.0}}
SAFE = ("mgda", "dual_proj", "nash_mtl", "upgrad")
PANELS = {
    "mean": "mean", "mgda": "MGDA", "cagrad": "CAGrad", "nash_mtl": "Nash-MTL",
    "aligned_mtl": "Aligned-MTL", "upgrad": "UPGrad",
}  # fmt: skip


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**properties(settings["draws"]), **failures()}
    if not settings["steps"]:
        return found
    return found | theorem(settings["steps"]) | elementwise() | forms()


def theorem(steps: int) -> dict[str, float]:
    """Descend on random quadratics with the step of Theorem 1."""
    given = quadratics(20, 3, 4)
    step = 1 / (given.smoothness * np.sqrt(3))
    points, losses = descend("upgrad", given, steps, rate=step)
    ends = points[:, -1]
    rows = np.einsum("kmde,kme->kmd", given.hessians, ends[:, None] - given.centres)
    squares = (np.diff(points, axis=1) ** 2).sum(axis=(1, 2)) / step**2
    total = losses.sum(axis=-1)
    return {
        "stationarity_at_end": max(gap(one) for one in rows),
        "rise_of_the_sum": np.diff(total, axis=1).max(),
        "share_of_bound": (squares * step / (2 * (total[:, 0] - total[:, -1]))).max(),
    }


def elementwise() -> dict[str, float]:
    """Return where the methods end on the element-wise quadratic after 50 steps."""
    problem, shrunk = moo.problem("elementwise_quadratic"), (1 - 0.075) ** 50
    ends = {m: _run(m, problem, 0.075, 50).params[:, -1] for m in (*PANELS, "dual_proj", "imtl_g")}
    free = [ends[method] - shrunk * problem.starts for method in ("upgrad", "mean", "dual_proj")]
    farthest = {
        f"ewq_{method}": np.linalg.norm(ends[method], axis=-1).max()
        for method in ("mgda", "cagrad", "nash_mtl", "aligned_mtl")
    }
    return farthest | {
        "ewq_reached": np.abs(free).max(),
        "ewq_mgda_end": ends["mgda"][0, 0],
        "ewq_aligned_end": ends["aligned_mtl"][0, 0],
        "ewq_mgda_on_axis": np.abs(ends["mgda"][1] - problem.starts[1]).max(),
    }


def forms() -> dict[str, float]:
    """Return cosines and rises on the convex quadratic forms."""
    problem = moo.problem("convex_quadratic_forms")
    paths = {m: _run(m, problem, 0.05, 500) for m in (*PANELS, "dual_proj", "imtl_g")}
    rises = {m: np.diff(path.objectives, axis=1).max() for m, path in paths.items()}
    rows = _jacobians(problem, problem.pareto_set(101)[1:-1])
    lengths = np.linalg.norm(rows, axis=-1)
    opposite = (rows[:, 0] * rows[:, 1]).sum(-1) / lengths.prod(-1)
    origin = _jacobians(problem, np.zeros((1, 2)))[0]
    return {f"cqf_rise_{m}": rises[m] for m in ("mean", "cagrad", "aligned_mtl", "imtl_g")} | {
        "cqf_rise_safe": max(rises[m] for m in SAFE),
        "cqf_conflict_safe": max(_conflict(m, problem, paths[m]) for m in SAFE),
        "cqf_cosine": origin[0] @ origin[1] / np.linalg.norm(origin, axis=1).prod(),
        "cqf_cosine_on_set": opposite.max(),
    }


def _conflict(method: str, problem: moo.problems.Problem, path: moo.Trajectory) -> float:
    rows = _jacobians(problem, path.params.reshape(-1, 2))
    falls = np.einsum("kmd,kd->km", rows, directions(method, rows, **OPTIONS.get(method, {})))
    return float(-(falls / np.linalg.norm(rows, axis=(1, 2))[:, None] ** 2).min())


def _jacobians(problem: moo.problems.Problem, points: Array) -> Array:
    return np.asarray(jax.jit(jax.vmap(jax.jacobian(problem.objectives)))(points))


def _run(
    method: str, problem: moo.problems.Problem, rate: float, steps: int, every: int = 1
) -> moo.Trajectory:
    sgd = optax.sgd(rate * RATES.get(method, 1.0))
    tx = moo.optimizer(method, sgd, num_objectives=2, **OPTIONS.get(method, {}))
    return moo.run(problem, tx, steps=steps, every=every, label=PANELS.get(method, method))


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the panels of both quadratics, in parameter space."""
    found = {}
    for name, rate, steps, every in (
        ("elementwise_quadratic", 0.075, 50, 1),
        ("convex_quadratic_forms", 0.05, 500, 5),
    ):
        problem = moo.problem(name)
        paths = [_run(method, problem, rate, steps, every) for method in PANELS]
        found[name], _ = moo.plotting.plot_trajectories(
            paths, problem, "params", width="column", columns=2
        )
    return found


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("upgrad"))
