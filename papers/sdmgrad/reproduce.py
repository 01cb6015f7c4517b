"""SDMGrad: between MGDA and the mean, the parts of the authors' code, and the noisy toy."""

import sys
from functools import partial
from typing import Any

import jax
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import cosines, directions, jacobians
from papers._min_norm import gap, shortest
from papers._paper import Settings
from papers._quadratics import descend, quadratics
from papers._stochastic import Paths, follow
from papers.sdmgrad._parts import buffers, inner_loop, leaned, sampling

LAMBDAS = (0.3, 10.0, 1000.0)
STARTS = np.array([[-8.5, 7.5], [9.0, 9.0]])  # those from which descent on the mean is stuck
VALLEY = -4.0  # below it the losses are bowls
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "mean": ("mean", {}),
    "PCGrad": ("pcgrad", {}),
    "CAGrad": ("cagrad", {"c": 0.5}),
    "MGDA": ("smg", {}),
    "SDMGrad": ("sdmgrad", {"lam": 0.01, "batches": 1}),
}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**definition(settings["jacobians"]), **inner_loop(settings["jacobians"])}
    found |= buffers()
    if not settings["steps"]:
        return found
    return {
        **found,
        **sampling(settings["draws"]),
        **limits(settings["descent"]),
        **toy(settings),
    }


def definition(draws: int, lam: float = 0.3) -> dict[str, float]:
    """Compare directions with the shortest leaned one, with MGDA's and with the mean."""
    rows = jacobians(draws, 3, 5)
    exact = [one.T @ shortest(one) for one in leaned(rows, lam)]
    away = np.linalg.norm(directions("sdmgrad", rows, lam=lam, batches=1) - exact, axis=1)
    small, large = (directions("sdmgrad", rows, lam=one, batches=1) for one in (1e-9, 1e6))
    return {
        "off_the_subproblem": (away / np.linalg.norm(rows, axis=(1, 2))).max(),
        "off_mgda": (1 - cosines(small, directions("mgda", rows))).max(),
        "off_the_mean": (1 - cosines(large, rows.mean(axis=1))).max(),
    }


def limits(steps: int) -> dict[str, float]:
    """Return where plain descent ends on 20 quadratics, for three values of lambda."""
    given = quadratics(20, 3, 5)
    gaps, means, shares = [], [], []
    for lam in LAMBDAS:
        points, _ = descend("sdmgrad", given, steps, rate=1 / given.smoothness, lam=lam, batches=1)
        rows = np.einsum("kmde,kme->kmd", given.hessians, points[:, -1, None] - given.centres)
        mean = np.linalg.norm(rows.mean(axis=1), axis=1)
        gaps.append(max(gap(one) for one in rows))
        means.append(mean.mean())
        shares.append((lam * mean / np.linalg.norm(rows, axis=2).max(axis=1)).max())
    return {
        "gap_at_the_end": max(gaps),
        "larger_over_smaller": max(means[1] / means[0], means[2] / means[1]),
        "share_of_bound": max(shares),
    }


def toy(settings: Settings) -> dict[str, float]:
    """Return which shares of the runs leave the slopes of the toy for its valley."""
    paths = _toy(settings)
    share = {label: float((path.ends[:, 1] < VALLEY).mean()) for label, path in paths.items()}
    stuck = max(share[label] for label in ("mean", "PCGrad", "CAGrad"))
    return {
        "sdmgrad_escapes": share["SDMGrad"],
        "others_escape": stuck,
        "lead_over_mgda": share["SDMGrad"] - share["MGDA"],
    }


def _toy(settings: Settings) -> dict[str, Paths]:
    def build(_: Any, label: str) -> optax.GradientTransformation:
        method, options = METHODS[label]
        return moo.optimizer(method, optax.adam(2e-3), num_objectives=2, **options)

    starts = np.repeat(STARTS, settings["seeds"], axis=0)
    problem = moo.problem("two_task_toy_sdmgrad")
    return {
        label: follow(problem, partial(build, label=label), starts, settings["steps"], kept=200)
        for label in METHODS
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw one run of each method from each start, in the plane of the losses without noise."""
    problem, seeds = moo.problem("two_task_toy_cagrad"), settings["seeds"]
    losses = jax.jit(jax.vmap(jax.vmap(problem.objectives)))
    found, reached = {}, {}
    for label, path in _toy(settings).items():
        points = np.concatenate([STARTS[:, None], path.points[::seeds]], axis=1)
        steps = np.linspace(0, settings["steps"], points.shape[1]).astype(int)
        found[label] = moo.Trajectory(
            steps=steps, objectives=np.asarray(losses(points)), params=points
        )
        reached[label] = (path.ends[::seeds, 1] < VALLEY).tolist()
    drawn = moo.plotting.plot_trajectories(
        found, problem, "objectives", reached=reached, width="column", columns=2
    )
    return {"toy": drawn[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("sdmgrad"))
