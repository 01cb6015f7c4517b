"""Dynamic weight averaging: Eq. (7), its invariances, and which loss it favours."""

import sys

import numpy as np
from matplotlib.figure import Figure
from scipy.special import softmax

import moo
from papers._draws import Array
from papers._paper import Settings
from papers._weights import weights_over

TASKS, BATCHES = 3, 5


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    rng = np.random.default_rng(0)
    losses = np.exp(rng.normal(size=(settings["epochs"] * BATCHES, TASKS)))
    found = _weights(losses)
    flat = _weights(losses, temperature=1e6)
    scaled = _weights(losses * np.array([1e-3, 1.0, 1e3]))
    return {
        "off_the_formula": np.abs(found - _formula(losses)).max(),
        "sum_error": np.abs(found.sum(axis=1) - TASKS).max(),
        "first_two_epochs": np.abs(found[: 2 * BATCHES] - 1).max(),
        "at_large_temperature": np.abs(flat - 1).max(),
        "change_by_scale": np.abs(scaled - found).max(),
        "stalled_minus_falling": _stalled(),
    }


def _weights(losses: Array, temperature: float = 2.0) -> Array:
    return weights_over("dwa", losses, temperature=temperature, window=BATCHES)


def _formula(losses: Array, temperature: float = 2.0) -> Array:
    """Return Eq. (7) of the epochs' mean losses, for every batch."""
    means = losses.reshape(-1, BATCHES, TASKS).mean(axis=1)
    rates = np.ones_like(means)
    rates[2:] = means[1:-1] / means[:-2]
    return np.repeat(TASKS * softmax(rates / temperature, axis=1), BATCHES, axis=0)


def _stalled() -> float:
    """Return by how much the weight of a loss that stays exceeds that of one that halves."""
    losses = np.array([[1.0, 1.0], [1.0, 0.5], [1.0, 0.25]])
    last = weights_over("dwa", losses, window=1)[-1]
    return float(last[0] - last[1])


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the weights of three losses: one stays, one falls at a rate, one slows down."""
    epochs = np.arange(40)
    losses = np.stack([np.ones(40), np.exp(-epochs / 5), 1 / (1 + epochs)], axis=1)
    path = moo.Trajectory(
        steps=epochs,
        objectives=losses[None],
        weights=weights_over("dwa", losses, window=1)[None],
        names=("stays at 1", "exp(-t/5)", "1/(1 + t)"),
        label="DWA, T = 2",
    )
    figure, axes = moo.plotting.plot_weights(path, band=None, width="column")
    axes[0].set_xlabel("epoch")
    return {"weights": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("dwa"))
