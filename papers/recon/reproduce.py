"""Recon: the loss after one step of a split layer, its condition, and the score of a layer."""

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
    return {**split_steps(settings["draws"]), **aligned_pair(), **scores()}


def split_steps(draws: int) -> dict[str, float]:
    """Compare one step of a split layer with one of a shared layer, to first order in the step."""
    _, gains, admissible = _splits(draws)
    return {
        "gain_where_admissible": gains[admissible].max(),
        "gain_elsewhere": gains[~admissible].max(),
        "admissible_share": float(admissible.mean()),
    }


def _splits(draws: int) -> tuple[Array, Array, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Return random layers of three tasks, what splitting them changes, and if (6) is met."""
    rows = jacobians(draws, 3, 5)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), draws)
    gains = _gain(rows, weights) / np.linalg.norm(rows, axis=(1, 2)) ** 2
    return rows, gains, np.array([_admissible(one) for one in rows])


def _gain(rows: Array, weights: Array) -> Array:
    """Return the change of sum_i w_i f_i by splitting, over the step size, to first order.

    A shared copy moves along sum_j w_j g_j; task i's own copy moves along g_i.
    """
    shared = np.einsum("km,kmd->kd", weights, rows)
    own = (weights * (rows**2).sum(axis=-1)).sum(axis=-1)
    found: Array = (shared**2).sum(axis=-1) - own
    return found


def _admissible(rows: Array) -> bool:
    gram = rows @ rows.T
    # cos(i, j) |g_i| < |g_j|, times |g_j|.
    return bool(np.all((gram < np.diag(gram))[~np.eye(len(rows), dtype=bool)]))


def aligned_pair() -> dict[str, float]:
    """Return the cosine of an admissible pair without conflict, and what splitting it gains."""
    rows = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    cosine = moo.diagnostics.cosine_matrix(moo.stacked_jacobian(jnp.asarray(rows)))[0, 1]
    gain = _gain(rows[None], np.full((1, 2), 0.5))[0]
    return {"cosine_of_a_split_pair": float(cosine) if _admissible(rows) else -1.0, "gain": gain}


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
    rows, gains, admissible = _splits(settings["draws"])
    least = np.min([cosines(rows[:, i], rows[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))], axis=0)
    kinds = {"condition met": admissible, "not met": ~admissible}
    with moo.plotting.style():
        figure = Figure(figsize=(3.25, 2.4), layout="constrained")
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, (title, chosen) in zip(panels, kinds.items(), strict=True):
            span = axes.axvspan(-1, 0, color="#ece0ef", linewidth=0)
            axes.axhline(0, color="#555555", linewidth=0.7)
            dots = axes.plot(least[chosen], gains[chosen], ".", color=moo.plotting.OKABE_ITO[0],
                      markersize=1.2, markeredgewidth=0, rasterized=True)  # fmt: skip
            axes.set(title=title, xlim=(-1, 1), xticks=(-1, 0, 1))
        panels[0].set_ylabel("change of the loss by splitting")
        figure.supxlabel("least cosine of two gradients in the layer", fontsize="medium")
        figure.legend([dots[0], span], ["random layer", "two gradients conflict"],
                      loc="outside upper center", ncols=2, markerscale=5)  # fmt: skip
    return {"splits": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("recon"))
