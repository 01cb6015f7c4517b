"""CAGrad: its dual, its limits, its bound on convex losses, and the toy of its first figure."""

import sys
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings
from papers._quadratics import descend, quadratics
from papers._toy import ends, on_front, trajectory

RADII = (0.2, 0.5, 0.8)
# Section 5.1 prints (-8.5, 5) for the second start; the authors' script has (-8.5, -5).
STARTS = np.array([[-8.5, 7.5], [-8.5, -5.0], [0.0, 0.0], [9.0, 9.0], [10.0, -8.0]])


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**limits(settings["draws"]), **duality(settings["draws"]), **bound()}
    return found | (toy(settings["steps"]) if settings["steps"] else {})


def limits(draws: int) -> dict[str, float]:
    """Compare c = 0 with the mean, and large c with MGDA."""
    matrices = jacobians(draws, 3, 5)
    mean = matrices.mean(axis=1)
    away = np.linalg.norm(directions("cagrad", matrices, c=1e-6) - mean, axis=-1)
    pairs = jacobians(draws, 2, 4)
    least, wide = directions("mgda", pairs), directions("cagrad", pairs, c=1e4)
    return {
        "distance_to_mean": (away / np.linalg.norm(mean, axis=-1)).max(),
        "distance_to_mgda": (1 - cosines(least, wide)).max(),
    }


def duality(draws: int, c: float = 0.5) -> dict[str, float]:
    """Compare the least decrease along the direction with the dual's minimum over the segment."""
    matrices = jacobians(draws, 2, 4)
    found = directions("cagrad", matrices, c=c)
    gaps = [_gap(rows, v, c) for rows, v in zip(matrices, found, strict=True)]
    mean = matrices.mean(axis=1)
    radius = np.linalg.norm(found - mean, axis=-1) / (c * np.linalg.norm(mean, axis=-1))
    return {"duality_gap": max(gaps), "off_the_sphere": np.abs(radius - 1).max()}


def _gap(rows: Array, v: Array, c: float) -> float:
    mean = rows.mean(axis=0)

    def dual(w: float) -> float:
        mixed = w * rows[0] + (1 - w) * rows[1]
        return float(mixed @ mean + c * np.linalg.norm(mean) * np.linalg.norm(mixed))

    least = minimize_scalar(dual, bounds=(0, 1), method="bounded", options={"xatol": 1e-12})
    lowest = min(least.fun, dual(0.0), dual(1.0))
    return float(abs(lowest - (rows @ v).min()) / np.linalg.norm(rows) ** 2)


def bound(c: float = 0.6, steps: int = 60) -> dict[str, float]:
    """Return sum |grad L0|^2 over its bound 2 (L0(x_0) - min L0) / (a (1 - c^2)), the largest."""
    given = quadratics(20, 3, 4)
    points, losses = descend("cagrad", given, steps, rate=1 / given.smoothness, c=c)
    hessians = given.hessians.mean(axis=1)
    pulls = np.einsum("kmde,kme->kd", given.hessians, given.centres) / 3
    lowest = np.linalg.solve(hessians, pulls[..., None])[..., 0]
    least = np.array([np.mean(jax.jit(given.losses(k))(x)) for k, x in enumerate(lowest)])
    gradients = np.einsum("kde,kte->ktd", hessians, points[:, :-1]) - pulls[:, None]
    spent = (gradients**2).sum(axis=(1, 2)) * (1 - c**2) / given.smoothness
    return {"share_of_bound": (spent / (2 * (losses[:, 0].mean(-1) - least))).max()}


def toy(steps: int) -> dict[str, float]:
    """Return which starts reach the front, and how far the ends spread."""
    paths = _paths(steps)
    balanced = [np.abs(ends(paths[f"CAGrad, c = {c}"])[:, 0]).max() for c in RADII]
    return {
        "mean_stuck": float(np.sum(~on_front(paths["mean"]))),
        "printed_start_stuck": float(np.sum(~on_front(_printed(steps)))),
        "cagrad_from_balance": max(balanced),
        "others_on_front": float(sum(on_front(path).sum() for path in list(paths.values())[1:])),
        "mgda_spread": float(np.ptp(ends(paths["MGDA"])[:, 0])),
        "pcgrad_spread": float(np.ptp(ends(paths["PCGrad"])[:, 0])),
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the trajectories of the toy in the plane of the losses; four in that of parameters."""
    paths = _paths(settings["steps"])
    few = {label: paths[label] for label in ("mean", "MGDA", "PCGrad", "CAGrad, c = 0.5")}
    return {"toy": _draw(paths, space="objectives"), "parameters": _draw(few, space="params")}


def _draw(paths: dict[str, moo.Trajectory], **options: Any) -> Figure:
    reached = {label: on_front(path).tolist() for label, path in paths.items()}
    return moo.plotting.plot_trajectories(
        paths, _problem(), reached=reached, width="column", columns=2, **options
    )[0]


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    options = {"mean": ("mean", {}), "MGDA": ("mgda", {}), "PCGrad": ("pcgrad", {})} | {
        f"CAGrad, c = {c}": ("cagrad", {"c": c}) for c in RADII
    }
    return {
        label: trajectory(method, steps, problem=_problem(), label=label, **given)
        for label, (method, given) in options.items()
    }


def _printed(steps: int) -> moo.Trajectory:
    starts = STARTS.copy()
    starts[1, 1] = 5.0
    return trajectory("mean", steps, problem=replace(_problem(), starts=starts))


def _problem() -> moo.problems.Problem:
    return replace(moo.problem("two_task_toy", scale=1.0), starts=STARTS)


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("cagrad"))
