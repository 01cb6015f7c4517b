"""Uncertainty weighting: where the learned variances come to rest, and what that makes of w."""

import sys

import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

import moo
from papers._draws import Array, cosines, jacobians
from papers._paper import Settings
from papers._weights import weights_over

LOSSES = np.array([0.3, 2.0, 50.0])
NOISE = np.array([3.0, 0.1])


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    steps, draws = settings["steps"], settings["draws"]
    return {**rest(steps), "off_log_losses": log_losses(draws), **softmax(), **noise(steps)}


def rest(steps: int) -> dict[str, float]:
    """Compare the variances at rest, of losses that stay, with the objective's minimum."""
    last = weights_over("uncertainty", np.tile(LOSSES, (steps, 1)))[-1]
    least = np.exp([minimize_scalar(_objective, args=(loss,)).x for loss in LOSSES])
    return {
        "variance_error": np.abs(1 / (2 * last) / least - 1).max(),
        "weighted_loss_error": np.abs(last * LOSSES - 0.5).max(),
    }


def _objective(log_variance: float, loss: float) -> float:
    return float(np.exp(-log_variance) * loss + log_variance) / 2


def log_losses(draws: int) -> float:
    """Return 1 - cosine between the direction at rest and the gradient of the log losses' sum."""
    losses = np.exp(np.random.default_rng(0).normal(size=(draws, 3)))
    gradients = jacobians(draws, 3, 5)
    flat = np.tile(losses.reshape(1, -1), (10_000, 1))
    weights = weights_over("uncertainty", flat)[-1].reshape(draws, 3)
    logs = np.sum(gradients / losses[..., None], axis=1)
    return float((1 - cosines(np.einsum("ki,kid->kd", weights, gradients), logs)).max())


def softmax(classes: int = 10) -> dict[str, float]:
    """Compare log sum exp(f / sigma^2) with its approximation, at sigma = 1 and sigma = 2."""
    logits = np.random.default_rng(1).normal(size=(1000, classes)) * 3
    return {
        "softmax_gap_at_one": np.abs(_gap(logits, 1.0)).max(),
        "softmax_gap_at_two": float(_gap(np.zeros((1, classes)), 2.0)[0]),
    }


def _gap(logits: Array, sigma: float) -> Array:
    approximation = logsumexp(logits, axis=1) / sigma**2 + np.log(sigma)
    return np.asarray(logsumexp(logits / sigma**2, axis=1) - approximation)


def noise(steps: int) -> dict[str, float]:
    """Fit two regressions of unequal noise and compare the variances with the residuals'."""
    path, x, y = _regression(steps)
    assert path.weights is not None
    last = path.weights[0, -2]
    fits = np.linalg.lstsq(x, y, rcond=None)[0]
    residual = ((x @ fits - y) ** 2).mean(axis=0)
    return {
        "learned_variance_error": np.abs(1 / (2 * last) / residual - 1).max(),
        "quiet_over_noisy": last[1] / last[0],
    }


def _regression(steps: int) -> tuple[moo.Trajectory, Array, Array]:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 5))
    y = x @ rng.normal(size=(5, 2)) + NOISE * rng.normal(size=(500, 2))
    tx = moo.optimizer("uncertainty", optax.adam(1e-2), num_objectives=2)
    path = moo.run(
        lambda theta: jnp.mean((jnp.asarray(x) @ theta.reshape(5, 2) - y) ** 2, axis=0),
        tx, starts=np.zeros((1, 10)), steps=steps, every=100, label="two regressions",
    )  # fmt: skip
    return path, x, y


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the losses of the two regressions and the weights that they get."""
    path = _regression(settings["steps"])[0]
    named = moo.Trajectory(
        steps=path.steps,
        objectives=path.objectives,
        weights=path.weights,
        names=("noise 3", "noise 0.1"),
        label="uncertainty weighting",
    )
    figure, axes = moo.plotting.plot_weights(named, band=None, width="column")
    axes[0].set_yscale("log")
    axes[0].set_ylim(0.02, 100)
    # The labels of a log axis are wider than those that the layout was made for.
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"weights": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("uncertainty"))
