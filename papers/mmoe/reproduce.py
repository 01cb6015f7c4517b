"""MMoE: its synthetic data, and the number of parameters that it matches."""

import sys

import jax
import numpy as np
from flax import nnx

import moo
from papers._paper import Settings
from papers._regressions import correlations, dense, directions

# The paper leaves frequencies and phases open; these are those of google-research's code.
FREQUENCIES, PHASES = np.arange(1.0, 11.0), np.arange(10.0) ** 2
RELATIONS = np.array([0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
WIDTH, EXPERTS, EXPERT, TOWER = 100, 8, 16, 8


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
    model = moo.models.build(
        "mmoe", columns=[], num_tasks=2, num_experts=EXPERTS, hidden=(EXPERT,), tower=(TOWER,),
        inputs=dense(WIDTH), rngs=nnx.Rngs(0),
    )  # fmt: skip
    _, params, _ = moo.models.functional(model)
    parts = [params["experts"], params["towers"]]
    kernels = [
        leaf.size for leaf in jax.tree.leaves(parts) if leaf.ndim == 2 and 1 not in leaf.shape
    ]
    return {"matched_weights": sum(kernels), "matching_width": round(sum(kernels) / (WIDTH + 16))}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("mmoe"))
