"""GradNorm: its constraint, its fixed point, and the constant target of its loss."""

import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array, jacobians
from papers._paper import Settings

RATE = 0.01
SCALES = np.array([1.0, 100.0])  # of the labels in the paper's toy of two tasks


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws = settings["draws"]
    return {
        "sum_gap": sums(),
        "norm_spread": balance(settings["steps"]),
        "constant_target_gap": targets(draws, constant=True),
        "moving_target_gap": targets(draws, constant=False),
    }


def sums(steps: int = 200) -> float:
    """Return how far the weights' sum is from m, over steps of random gradients."""
    rng = np.random.default_rng(0)
    rows, losses = rng.normal(size=(steps, 3, 5)), rng.uniform(0.1, 2, (steps, 3))
    found = _multipliers(moo.gradnorm(3), rows, losses)
    return float(np.abs(found.sum(axis=1) - 3).max())


def balance(steps: int) -> float:
    """Return the relative spread of the weighted norms under constant gradients, alpha = 0."""
    norms = np.array([1.0, 5.0, 0.2])
    tx = moo.gradnorm(3, alpha=0.0, optimizer=optax.sgd(1e-3))
    rows = np.broadcast_to(np.diag(norms), (steps, 3, 3))
    weighted = _multipliers(tx, rows, np.ones((steps, 3)))[-1] * norms
    return float(np.ptp(weighted) / weighted.mean())


def _multipliers(tx: moo.Aggregator, rows: Array, losses: Array) -> Array:
    """Return the weights after each step, (steps, m)."""
    return np.asarray(_scan(tx, rows.shape[2])(jnp.float32(rows), jnp.float32(losses)), float)


def _scan(tx: moo.Aggregator, dim: int) -> Callable[..., jax.Array]:
    point = jnp.zeros(dim)

    def step(state: Any, seen: tuple[jax.Array, jax.Array]) -> tuple[Any, jax.Array]:
        _, state = tx.update(moo.stacked_jacobian(*seen), state, point)
        return state, state.inner.multipliers

    return jax.jit(lambda *seen: jax.lax.scan(step, tx.init(point), seen)[1])


def targets(draws: int, *, constant: bool, alpha: float = 1.5) -> float:
    """Compare second updates with descent on the loss of the weights, Eq. (2)."""
    rng = np.random.default_rng(1)
    rows = np.stack([jacobians(draws, 3, 5, seed=seed) for seed in (0, 1)], axis=1)
    losses = rng.uniform(0.5, 2, (draws, 2, 3))
    tx = moo.gradnorm(3, alpha=alpha, optimizer=optax.sgd(RATE))
    found = np.asarray(jax.jit(jax.vmap(_scan(tx, 5)))(*map(jnp.float32, (rows, losses))), float)
    norms, relative = np.linalg.norm(rows[:, 1], axis=2), losses[:, 1] / losses[:, 0]
    slopes = _slopes(found[:, 0], norms, relative, alpha, constant)
    stepped = np.maximum(found[:, 0] - RATE * slopes, 1e-3)
    exact = 3 * stepped / stepped.sum(axis=1, keepdims=True)
    return float(np.abs(found[:, 1] - exact).max())


def _slopes(weights: Array, norms: Array, relative: Array, alpha: float, constant: bool) -> Array:
    """Return gradients of sum_i |N_i - T_i| by the weights, (draws, m)."""
    rates = (relative / relative.mean(axis=1, keepdims=True)) ** alpha
    pulls = weights * norms
    signs = np.sign(pulls - pulls.mean(axis=1, keepdims=True) * rates)
    through = np.sum(signs * rates, axis=1, keepdims=True) * norms / norms.shape[1]
    return np.asarray(signs * norms - (0.0 if constant else through))


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the losses of the toy of two tasks over their squared scales, and those of no model."""
    given = moo.problem("gradnorm_regression", scales=SCALES.tolist())
    options = {"equal weights": ("mean", {}), "GradNorm": ("gradnorm", {"alpha": 0.12})}
    paths = {label: _train(given, settings["toy"], name, **found)
             for label, (name, found) in options.items()}  # fmt: skip
    figure, axes = moo.plotting.plot_losses(paths, width="column", log_losses=True)
    blank = np.asarray(given.objectives(jnp.zeros(given.dim))) / SCALES**2
    for panel, loss in zip(axes, blank, strict=True):
        panel.axhline(loss, color="#777777", linewidth=0.8, linestyle=":")
    axes[0].set_ylabel(r"loss / $\sigma^2$")
    figure.set_figheight(2.4)
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"toy": figure}


def _train(
    given: moo.problems.Problem, steps: int, method: str, **options: float
) -> moo.Trajectory:  # fmt: skip
    tx = moo.optimizer(method, optax.adam(1e-3), num_objectives=2, **options)
    path = moo.run(given, tx, steps=steps, every=20)
    names = tuple(rf"$\sigma = {scale:g}$" for scale in SCALES)
    return moo.Trajectory(steps=path.steps, objectives=path.objectives / SCALES**2, names=names)


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("gradnorm"))
