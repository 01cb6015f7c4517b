"""FAMO: its balanced rates, its estimate from two forward passes, its cost, and the toy."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure
from scipy.optimize import minimize

import moo
from papers._cost import flops
from papers._draws import Array, directions, jacobians
from papers._min_norm import gap
from papers._paper import Settings
from papers._quadratics import quadratics
from papers._toy import FAMO, ends, on_front, trajectory
from papers._weights import weights

RIGHTMOST = 2  # the start (9, 9)
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "FAMO": ("famo", FAMO),
    "mean": ("mean", {}),
    "PCGrad": ("pcgrad", {}),
    "CAGrad": ("cagrad", {"c": 0.4}),
    "MGDA": ("mgda", {}),
    "Nash-MTL": ("nash_mtl", {}),
}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**balance(settings["draws"]), **estimate(), **cost()}
    return found | (runs(settings) if settings["steps"] else {})


def balance(draws: int) -> dict[str, float]:
    """Compare the problem of balanced rates with its dual, on gradients of log losses."""
    logs = jacobians(draws, 3, 6) / np.exp(np.random.default_rng(1).normal(size=(draws, 3, 1)))
    logs /= np.linalg.norm(logs, axis=(1, 2), keepdims=True)
    inside = logs[weights("mgda", logs).min(axis=1) > 1e-6]
    rates = np.einsum("kmd,kd->km", inside, directions("mgda", inside))
    return {
        "duality_gap": max(abs(_least_rate(rows) - gap(rows) ** 2 / 2) for rows in logs[:40]),
        "rate_spread": (np.ptp(rates, axis=1) / rates.mean(axis=1)).max(),
    }


def _least_rate(rows: Array) -> float:
    """Return max_d min_i (grad log l_i)'d - |d|^2 / 2, by sequential quadratic programming."""
    slack = {"type": "ineq", "fun": lambda x: rows @ x[:-1] - x[-1]}
    found = minimize(
        lambda x: x[:-1] @ x[:-1] / 2 - x[-1], np.zeros(rows.shape[1] + 1),
        constraints=slack, method="SLSQP", options={"ftol": 1e-14},
    )  # fmt: skip
    return -float(found.fun)


def estimate(alpha: float = 1e-4) -> dict[str, float]:
    """Return what two step sizes say of the estimate's error, and sums of the weights in a run."""
    given = quadratics(20, 3, 4)
    errors = jax.jit(jax.vmap(_error, in_axes=(0, 0, 0, None)))
    ratios = errors(*given, alpha) / errors(*given, alpha / 2)
    losses = given.losses(0)
    tx = moo.optimizer("famo", optax.sgd(1e-2), num_objectives=3)
    path = moo.run(lambda x: losses(x) + 0.1, tx, starts=given.starts, steps=500)
    assert path.weights is not None
    used = path.weights[:, :-1]  # none at the last point
    return {
        "halving_error": jnp.abs(ratios - 2).max(),
        "least_weight": used.min(),
        "sum_error": np.abs(used.sum(axis=-1) - 1).max(),
    }


def _error(hessians: jax.Array, centres: jax.Array, x: jax.Array, alpha: float) -> jax.Array:
    """Return how far (log l - log l+) / alpha is from the Gramian of the logs times z."""

    def losses(x: jax.Array) -> jax.Array:
        away = x - centres
        return jnp.einsum("id,ide,ie->i", away, hessians, away) / 2

    tx = moo.optimizer("famo", optax.sgd(alpha), num_objectives=3, max_norm=None)
    step, _ = tx.update(moo.jacobian(losses, x), tx.init(x), x)
    promised = -jax.jacobian(lambda x: jnp.log(losses(x)))(x) @ step
    return jnp.linalg.norm(jnp.log(losses(x) / losses(x + step)) - promised) / alpha


def flow(steps: int) -> float:
    """Return |sum grad log l_i| after a long run of small steps on convex losses."""
    given = quadratics(1, 2, 4)
    losses, starts = given.losses(0), np.concatenate([given.starts, -given.starts])
    tx = moo.optimizer("famo", optax.sgd(0.05), num_objectives=2, learning_rate=1e-3)
    path = moo.run(lambda x: losses(x) + 1, tx, starts=starts, steps=steps, every=steps)
    total = jax.vmap(jax.grad(lambda x: jnp.log(losses(x) + 1).sum()))(jnp.asarray(ends(path)))
    return float(jnp.linalg.norm(total, axis=1).max())


def cost() -> dict[str, float]:
    """Return the operations of a step over those of a step on the mean, for 2 and 50 tasks."""
    few, many = (flops("famo", m) / flops("mean", m) for m in (2, 50))
    return {"famo_cost": max(few, many), "cost_growth": many / few}


def runs(settings: Settings) -> dict[str, float]:
    """Return where FAMO rests, which starts of the toy reach the front, and how near balance."""
    paths = _paths(settings["steps"])
    reached = {label: on_front(path) for label, path in paths.items()}
    return {
        "gradient_of_logs": flow(settings["flow"]),
        "famo_on_front": reached["FAMO"].sum(),
        "famo_farthest": np.abs(ends(paths["FAMO"])[:, 0]).max(),
        "mean_on_front": reached["mean"].sum(),
        "mgda_and_nash_on_front": reached["MGDA"].sum() + reached["Nash-MTL"].sum(),
        "others_from_the_right": sum(reached[m][RIGHTMOST] for m in ("PCGrad", "CAGrad")),
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the trajectories of the toy, and FAMO's weights from each start."""
    paths, problem = _paths(settings["steps"]), moo.problem("two_task_toy")
    reached = {label: on_front(path).tolist() for label, path in paths.items()}
    drawn = moo.plotting.plot_trajectories(
        paths, problem, "objectives", reached=reached, width="column", columns=2
    )
    famo, found = paths["FAMO"], paths["FAMO"].weights
    assert found is not None
    kept = np.unique(np.geomspace(1, len(famo) - 2, 150).astype(int))  # evenly on the log axis
    parts = {
        f"from ({a:g}, {b:g})": moo.Trajectory(famo.steps[kept], famo.objectives[[k]][:, kept],
                                               weights=found[[k]][:, kept])
        for k, (a, b) in enumerate(problem.starts)
    }  # fmt: skip
    shares, _ = moo.plotting.plot_weights(parts, "stack", width="column", log_steps=True)
    return {"toy": drawn[0], "weights": shares}


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    return {
        label: trajectory(method, steps, label=label, **options)
        for label, (method, options) in METHODS.items()
    }


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("famo"))
