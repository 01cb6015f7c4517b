"""Aligned-MTL: the aligned gradients, where plain descent along them stalls, and the toy."""

import sys
from typing import Any

import jax
import numpy as np
import optax
from matplotlib.figure import Figure
from scipy.linalg import polar

import moo
from papers._draws import Array, directions, jacobians
from papers._min_norm import gap
from papers._paper import Settings
from papers._quadratics import Quadratics, descend, quadratics
from papers._toy import ends, on_front, trajectory

# Two strongly convex quadratics, Lambda = 2, on which plain descent stalls.
HESSIANS = np.array([[1.0, 0.5, 2.0], [0.3, 2.0, 1.0]])  # their diagonals
CENTRES = np.array([[-1.0, 0.0, 0.5], [1.0, 0.3, -0.4]])
STARTS = np.array([[2, 3, -1], [-1, 1, 0.2], [0, 1.2, 0.9], [0.8, -0.5, -0.6], [0.6, 1, -0.6]])
HALVES = (0.5, 0.5)  # the weights of L0, the mean
SCRIPT = 35_000  # steps of the toy in the authors' script
PLAIN = 74  # steps of plain descent, after which rounding decides about the rank
TOY = {"Aligned-MTL": "aligned_mtl", "IMTL-G": "imtl_g", "Nash-MTL": "nash_mtl"}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**alignment(settings["draws"]), **descent(), **stall()}
    return found | (runs(settings) if settings["steps"] else {})


def alignment(draws: int) -> dict[str, float]:
    """Compare the aligned gradients with the polar factor, and with other frames."""
    matrices, rng = jacobians(draws, 3, 6), np.random.default_rng(0)
    unit = [directions("aligned_mtl", matrices, preference=tuple(row)) for row in np.eye(3)]
    aligned = np.stack(unit, axis=1)
    least = np.linalg.svd(matrices, compute_uv=False)[:, -1]
    frames = aligned / least[:, None, None]
    exact = np.stack([polar(rows)[0] for rows in matrices])
    others = np.swapaxes(np.linalg.qr(rng.normal(size=(draws, 1000, 6, 3)))[0], -1, -2)
    away = np.linalg.norm(others - matrices[:, None], axis=(2, 3))
    weighted = np.einsum("kmd,m->kd", least[:, None, None] * exact, [0.5, 0.3, 0.2])
    found = directions("aligned_mtl", matrices, preference=(0.5, 0.3, 0.2))
    return {
        "condition_error": (np.linalg.cond(aligned) - 1).max(),
        "length_error": np.abs(np.linalg.norm(aligned, axis=2) / least[:, None] - 1).max(),
        "off_the_polar_factor": np.abs(frames - exact).max(),
        "nearer_frames": (away < np.linalg.norm(frames - matrices, axis=(1, 2))[:, None]).sum(),
        "off_the_other_form": (np.linalg.norm(found - weighted, axis=1) / least).max(),
    }


def descent(steps: int = 50) -> dict[str, float]:
    """Return the largest rise of L0 with the step 1 / Lambda, over its first value."""
    given = quadratics(20, 3, 4)
    rate, thirds = 1 / given.smoothness, (1 / 3, 1 / 3, 1 / 3)
    mean = descend("aligned_mtl", given, steps, rate=rate, preference=thirds)[1].mean(axis=-1)
    return {"largest_rise": (np.diff(mean, axis=1) / mean[:, :1]).max()}


def stall() -> dict[str, float]:
    """Follow plain descent along exact polar factors, and moo's beyond the rank of its numbers."""
    points = _by_hand(STARTS[0], PLAIN)
    rows = HESSIANS * (points[-1] - CENTRES)
    given = Quadratics(HESSIANS[None, ..., None] * np.eye(3), CENTRES[None], STARTS[:1])
    found, _ = descend("aligned_mtl", given, 2000, rate=0.5, preference=HALVES)
    last = HESSIANS * (found[0, -1] - CENTRES)
    return {
        "gradient_at_the_stall": float(np.linalg.norm(rows.mean(axis=0))),
        "gap_at_the_stall": gap(rows),
        "off_the_exact_path": np.abs(found[0, :51] - points[:51]).max(),
        "gradient_by_rounding": float(np.linalg.norm(last.mean(axis=0))),
    }


def _by_hand(x: Array, steps: int) -> Array:
    points = [x]
    for _ in range(steps):
        rows = HESSIANS * (points[-1] - CENTRES)
        least = np.linalg.svd(rows, compute_uv=False)[-1]
        points.append(points[-1] - 0.5 * least * polar(rows)[0].T @ HALVES)
    return np.array(points)


def runs(settings: Settings) -> dict[str, float]:
    """Return where Adam ends on the quadratics, and on the toy: the optimum of L0 has a = 0."""
    paths = _paths(settings["steps"])
    away = {label: np.abs(ends(path)[:, 0]).max() for label, path in paths.items()}
    early = int(np.searchsorted(paths["Aligned-MTL"].steps, SCRIPT))
    return {
        "gradient_with_adam": _slopes(_path(optax.adam(1e-3), settings["adam"], STARTS)).max(),
        "aligned_farthest": away["Aligned-MTL"],
        "aligned_on_its_way": np.abs(np.asarray(paths["Aligned-MTL"].params)[:, early, 0]).max(),
        "nearer_of_imtl_and_nash": min(away["IMTL-G"], away["Nash-MTL"]),
        "all_on_front": sum(on_front(path).sum() for path in paths.values()),
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the toy, and the two quadratics under Adam and under plain descent."""
    paths, problem = _paths(settings["steps"]), moo.problem("two_task_toy", scale=1.0)
    reached = {label: on_front(path).tolist() for label, path in paths.items()}
    pair = {
        "Adam": _path(optax.adam(1e-3), settings["adam"], STARTS[1:]),
        "plain descent": _path(optax.sgd(0.5), PLAIN, STARTS[1:]),
    }
    shape: dict[str, Any] = {"space": "objectives", "width": "column", "columns": 2}
    return {
        "quadratics": moo.plotting.plot_trajectories(pair, _problem(), tolerance=None, **shape)[0],
        "toy": moo.plotting.plot_trajectories(paths, problem, reached=reached, **shape)[0],
    }


def _path(rest: optax.GradientTransformation, steps: int, starts: Array) -> moo.Trajectory:
    tx = moo.optimizer("aligned_mtl", rest, num_objectives=2, preference=HALVES)
    return moo.run(_problem(), tx, starts=starts, steps=steps, every=max(1, steps // 500))


def _slopes(path: moo.Trajectory) -> Array:
    rows = HESSIANS * (ends(path)[:, None] - CENTRES)
    return np.asarray(np.linalg.norm(rows.mean(axis=1), axis=-1))


def _problem() -> moo.problems.Problem:
    def losses(x: Any, key: jax.Array | None = None) -> Any:
        return (HESSIANS * (x - CENTRES) ** 2).sum(axis=-1) / 2

    def pareto_set(n: int) -> Any:
        shares = np.linspace(0, 1, n)[:, None, None] * [[[1.0], [-1.0]]] + [[[0.0], [1.0]]]
        return (shares * HESSIANS * CENTRES).sum(axis=1) / (shares * HESSIANS).sum(axis=1)

    return moo.problems.Problem(
        name="two quadratics", dim=3, num_objectives=2, objectives=losses, starts=STARTS,
        source="own", pareto_set=pareto_set,
        pareto_front=lambda n: np.stack([losses(x) for x in pareto_set(n)]),
    )  # fmt: skip


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    problem = moo.problem("two_task_toy", scale=1.0)
    return {label: trajectory(m, steps, problem=problem, label=label) for label, m in TOY.items()}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("aligned_mtl"))
