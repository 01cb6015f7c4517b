"""ExcessMTL: its estimate of the excess risk, its update, and weights under label noise."""

import sys
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array
from papers._paper import Settings

BATCHES = (16, 128, 1024)
ETA = 0.05
NOISY = 0  # the task whose labels are noisy
DEVIATIONS = np.array([3.0, 0.1])


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {"taylor_gap": taylor(), "code_gap": update(), "frozen_estimate": frozen()}
    return found | (label_noise(settings["steps"]) if settings["steps"] else {})


def taylor() -> float:
    """Compare g' H^-1 g / 2 with the loss above its least value, for noisy labels too."""
    problem = moo.problem("label_noise")
    rows, curves = jax.jacobian(problem.objectives), jax.hessian(problem.objectives)
    gaps = []
    for x in problem.starts:
        above = np.asarray(problem.objectives(jnp.asarray(x))) - DEVIATIONS**2
        given = zip(np.asarray(rows(x)), np.asarray(curves(x)), above, strict=True)
        gaps += [abs(g @ np.linalg.solve(h, g) / 2 / excess - 1) for g, h, excess in given]
    return float(max(gaps))


def update(steps: int = 20, m: int = 3, d: int = 6) -> float:
    """Compare the weights with those of the authors' code, line by line."""
    rng = np.random.default_rng(0)
    gradients = rng.choice([-1, 1], (steps, m, d)) * rng.uniform(0.5, 1.5, (steps, m, d))
    tx = moo.excess_mtl(m, learning_rate=1.0, variant="official")
    found = np.asarray(_states(tx, gradients).weights)
    w, summed, first, gaps = np.ones(m), np.zeros((m, d)), np.zeros(m), []
    for t, g in enumerate(gradients):
        summed = summed + g**2
        excess = np.sum(g / np.sqrt(summed + 1e-7) * g, axis=1)
        if t == 0:
            first = excess
        else:
            w = w * np.exp(excess / first)
            w = w / w.sum() * m
        gaps.append(np.abs(found[t] - w).max())
    return float(max(gaps))


def _states(tx: moo.Aggregator, gradients: Array) -> Any:
    """Return the states, stacked, after gradients (steps, m, d) that come one by one."""

    def step(state: Any, rows: jax.Array) -> tuple[Any, Any]:
        _, state = tx.update(moo.stacked_jacobian(rows), state, rows[0])
        return state, state

    start = tx.init(jnp.zeros(gradients.shape[2]))
    return jax.jit(lambda given: jax.lax.scan(step, start, given)[1])(gradients)


def frozen(steps: int = 1000) -> float:
    """Return the last estimate over the first where nothing is learned: the gradients stay."""
    gradients = np.tile([[1.0, -2.0], [100.0, 10.0]], (steps, 1, 1))
    states = _states(moo.excess_mtl(2, learning_rate=1.0), gradients)
    return float(np.diff(states.logits, axis=0)[-1].max())


def label_noise(steps: int) -> dict[str, float]:
    """Return the weight of the noisy task at the end, and the excess risks on the way."""
    runs = list(_paths(steps).values())
    loss, *excess = (np.asarray(path.weights)[:, -2, NOISY] for path in runs)
    risks = _risks(np.asarray(runs[1].params)[:, -50:]).mean(axis=1)  # the later half
    return {
        "loss_weight": loss.min(),
        "excess_below_loss": _least(loss - excess[0]),
        "falls_with_batch": min(_least(a - b) for a, b in pairwise(excess)),
        "nearer_with_more_weight": _least(risks[:, 1 - NOISY] - risks[:, NOISY]),
    }


def _least(differences: Array) -> float:
    """Return the mean difference less three standard errors."""
    return float(differences.mean() - 3 * differences.std(ddof=1) / np.sqrt(len(differences)))


def _risks(points: Array) -> Array:
    """Return the excess risks of points (starts, time, d)."""
    losses = jax.vmap(jax.vmap(moo.problem("label_noise").objectives))(jnp.asarray(points))
    return np.asarray(losses) - DEVIATIONS**2


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    """Run loss-based weights at the smallest batch, and ExcessMTL at each."""
    excess = moo.excess_mtl(2, learning_rate=ETA)
    methods = {f"ExcessMTL, batch {batch}": (excess, batch) for batch in BATCHES}
    methods = {"by losses": (moo.hedge(2, learning_rate=ETA), BATCHES[0])} | methods
    return {
        label: moo.run(
            moo.problem("label_noise", batch=batch), optax.chain(aggregator, optax.sgd(0.05)),
            steps=steps, every=steps // 100, key=jax.random.key(0), label=label,
        )
        for label, (aggregator, batch) in methods.items()
    }  # fmt: skip


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the weights over the runs."""
    figure, axes = moo.plotting.plot_weights(_paths(settings["steps"]), width="column")
    for panel in axes:
        panel.set_ylim(-0.03, 1.03)
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"weights": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("excess_mtl"))
