"""MMoE: its synthetic data, and the number of parameters that it matches."""

import sys
from typing import Any

import jax
import numpy as np
from matplotlib.figure import Figure

import moo
from moo.plotting import OKABE_ITO
from moo.plotting._panels import one_panel, shared_legend
from papers._paper import Settings
from papers._regressions import correlations, directions
from papers.mmoe._training import EXPERT, EXPERTS, FREQUENCIES, PHASES, WIDTH, build, explained

RELATIONS = np.array([0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
TRAINED = np.array([0.0, 0.5, 0.9, 1.0])  # relations of the figure


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    rows = settings["rows"]
    return {**cosine(), **linear(rows), **waves(rows), **problem(), **matched()}


def cosine() -> dict[str, float]:
    """Return how far the cosine of the tasks is from the relation that was asked for."""
    tasks = [directions(p, WIDTH) for p in RELATIONS]
    off = [abs(w[0] @ w[1] / np.linalg.norm(w, axis=1).prod() - p)
           for w, p in zip(tasks, RELATIONS, strict=True)]  # fmt: skip
    return {"cosine_off": max(off)}


def linear(rows: int) -> dict[str, float]:
    """Return how far linear labels' correlation is from p / (1 + s^2), and from p."""
    none = np.zeros(0)
    off = correlations(RELATIONS, none, none, rows) - RELATIONS / 1.01
    return {"linear_correlation_off": np.abs(off).max()}


def waves(rows: int) -> dict[str, float]:
    """Return the least rise of the labels' correlation along the relations."""
    found = correlations(RELATIONS, FREQUENCIES, PHASES, rows)
    return {"least_rise": np.diff(found).min(), "correlation_at_half": found[2]}


def problem() -> dict[str, float]:
    """Return how far the package's problem at p = 1 is from equal labels: noise alone is left."""
    same = moo.problem("mmoe_regression", correlation=1.0)
    flat = jax.numpy.zeros(same.dim)
    first, second = np.asarray(same.objectives(flat))
    return {"same_task_losses_apart": abs(first - second) / first}


def matched() -> dict[str, float]:
    """Return the weights of MMoE without gates and last layers, and the matching bottom's width."""
    _, params, _ = build("mmoe", num_experts=EXPERTS, hidden=(EXPERT,))
    parts = [params["experts"], params["towers"]]
    kernels = [
        leaf.size for leaf in jax.tree.leaves(parts) if leaf.ndim == 2 and 1 not in leaf.shape
    ]
    return {"matched_weights": sum(kernels), "matching_width": round(sum(kernels) / (WIDTH + 16))}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what two models of equal size explain, by the relation, with two standard errors."""
    models: dict[str, tuple[str, dict[str, Any]]] = {
        "shared bottom of 113": ("shared_bottom", {"hidden": (113,)}),
        "MMoE, 8 experts of 16": ("mmoe", {"num_experts": EXPERTS, "hidden": (EXPERT,)}),
    }
    steps, seeds = settings["steps"], settings["seeds"]
    with moo.plotting.style():
        figure, axes = one_panel(list(models), "column")
        for k, (label, (name, options)) in enumerate(models.items()):
            found = explained(TRAINED, steps, seeds, name, **options)
            error = 2 * found.std(axis=1, ddof=1) / np.sqrt(seeds)
            axes.errorbar(TRAINED + 0.01 * k, found.mean(axis=1), error, marker="os"[k],
                          color=OKABE_ITO[k], label=label)  # fmt: skip
        axes.set(xlabel="cosine p of the tasks' weights", ylabel="explained variance, fresh rows")
        shared_legend(figure, axes)
        figure.freeze()
    return {"relation": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("mmoe"))
