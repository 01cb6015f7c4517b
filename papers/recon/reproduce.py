"""Recon: the total loss after one step of a split layer, and the score of a layer."""

import sys
from typing import Any

import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo
from papers._draws import Array, cosines, jacobians
from papers._paper import Settings


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {**split_steps(settings["draws"]), **pairs(), **scores()}


def split_steps(draws: int) -> dict[str, float]:
    """Compare one step of a split layer with one of a shared layer, to first order in the step."""
    rows, changes, admissible = _splits(draws)
    equal = _change(rows, np.full(rows.shape[:2], 1 / 3))
    squares = ((rows[:, :, None] - rows[:, None]) ** 2).sum(axis=(1, 2, 3))
    return {
        "change_where_admissible": changes[admissible].max(),
        "change_elsewhere": changes[~admissible].max(),
        "admissible_share": float(admissible.mean()),
        "gap_with_equal_weights": np.abs(equal / squares + 1 / 6).max(),
    }


def _splits(draws: int) -> tuple[Array, Array, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return random layers of three tasks, what splitting them changes, and if (6) is met."""
    rows = jacobians(draws, 3, 5)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), draws)
    changes = _change(rows, weights) / np.linalg.norm(rows, axis=(1, 2)) ** 2
    return rows, changes, np.array([_admissible(one) for one in rows])


def _change(rows: Array, weights: Array) -> Array:
    """Return the change of sum_i L_i by splitting, over the step size, to first order.

    The shared copy moves along sum_j w_j g_j, task i's own copy along g_i.
    """
    shared = np.einsum("...m,...md->...d", weights, rows)
    found: Array = np.sum((shared[..., None, :] - rows) * rows, axis=(-2, -1))
    return found


def _admissible(rows: Array) -> bool:
    gram = rows @ rows.T
    # cos(i, j) |g_i| < |g_j|, times |g_j|.
    return bool(np.all((gram < np.diag(gram))[~np.eye(len(rows), dtype=bool)]))


def pairs() -> dict[str, float]:
    """Return what splitting changes for two tasks, with the condition met and without."""
    aligned = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    upright, parallel = np.diag([3.0, 1.0]), np.array([[1.0], [10.0]])
    met = _admissible(aligned) and _admissible(upright) and not _admissible(parallel)
    cosine = moo.diagnostics.cosine_matrix(moo.stacked_jacobian(jnp.asarray(aligned)))[0, 1]
    return {
        "cosine_of_a_split_pair": float(cosine) if met else np.nan,
        "change_of_that_pair": float(_change(aligned, np.full(2, 0.5))),
        "change_with_a_negative_weight": float(_change(upright, np.array([2.0, -1.0]))),
        "change_with_one_weight": float(_change(parallel, np.array([0.0, 1.0]))),
    }


def scores(threshold: float = -0.1, repeats: int = 3) -> dict[str, float]:
    """Score three layers with a known log of gradients; the second one conflicts in two pairs."""
    rows = {
        "first": jnp.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
        "second": jnp.array([[1.0, 0.0], [-1.0, 0.5], [-1.0, 0.0]]),
        "third": jnp.array([[1.0, 0.0], [-0.05, 1.0], [0.0, -1.0]]),
    }
    found = dict.fromkeys(rows, 0)
    for _ in range(repeats):
        for layer, one in moo.diagnostics.layer_cosines(moo.stacked_jacobian(rows)).items():
            pairs = np.asarray(one.cosines)[np.triu_indices(3, 1)]
            found[layer] += int(np.sum(pairs < threshold))
    return {f"score_of_{layer}": float(score) for layer, score in found.items()}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what splitting changes against the least cosine in the layer."""
    rows, changes, admissible = _splits(settings["draws"])
    least = np.min([cosines(rows[:, i], rows[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))], axis=0)
    kinds = {"condition met": admissible, "not met": ~admissible}
    blue, red = moo.plotting.OKABE_ITO[0], moo.plotting.OKABE_ITO[1]
    with moo.plotting.style():
        figure = Figure(figsize=(3.25, 2.5), layout="constrained")
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, (title, chosen) in zip(panels, kinds.items(), strict=True):
            span = axes.axvspan(-1, 0, color="#ece0ef", linewidth=0)
            axes.axhline(0, color="#555555", linewidth=0.7)
            dots = axes.plot(least[chosen], changes[chosen], ".", color=blue, markersize=1.2,
                             markeredgewidth=0, rasterized=True)  # fmt: skip
            raised = chosen & (changes > 0)
            ups = axes.plot(least[raised], changes[raised], "o", color=red, markersize=2.2,
                            markeredgewidth=0)  # fmt: skip
            axes.set(title=title, xlim=(-1, 1), xticks=(-1, 0, 1))
        panels[0].set_ylabel("change of the loss by splitting")
        figure.supxlabel("least cosine of two gradients in the layer", fontsize="medium")
        figure.legend([dots[0], ups[0], span], ["falls", "rises", "two gradients conflict"],
                      loc="outside upper center", ncols=3, markerscale=2)  # fmt: skip
    return {"splits": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("recon"))
