"""PLE: its synthetic data, its measure of gain, and what it is without own experts."""

import sys
from typing import Any

import jax
import numpy as np
from flax import nnx
from matplotlib.figure import Figure

import moo
from moo.metrics import delta_m
from papers._paper import Settings
from papers._regressions import Array, correlations, dense

WIDTH = 12
RELATIONS = np.array([0.0, 0.5, 1.0])
BLUE, RED = moo.plotting.OKABE_ITO[:2]


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {**data(settings["rows"], settings["draws"]), **gain(), **without_own_experts()}


def data(rows: int, draws: int) -> dict[str, float]:
    """Return the least rise of the labels' mean correlation with that of the tasks."""
    return {"least_rise": np.diff(_drawn(RELATIONS, rows, draws).mean(axis=0)).min()}


def _drawn(relations: Array, rows: int, draws: int) -> Array:
    rng = np.random.default_rng(0)
    waves = [rng.normal(size=(2, 10)) for _ in range(draws)]
    return np.array([correlations(relations, a, b, rows) for a, b in waves])


def gain() -> dict[str, float]:
    """Return whether the package's gain has the paper's signs on both kinds of metrics."""
    values, single, higher = [0.7, 0.2], [0.6, 0.3], [True, False]
    wanted = [values[0] - single[0], single[1] - values[1]]
    found = [delta_m([v], [s], [up], convention="gain") * s / 100
             for v, s, up in zip(values, single, higher, strict=True)]  # fmt: skip
    return {"gain_off": float(np.abs(np.subtract(found, wanted)).max())}


def without_own_experts() -> dict[str, float]:
    """Compare MMoE with one level whose gates never choose an own expert."""
    options: dict[str, Any] = {"columns": [], "num_tasks": 2, "hidden": (8, 4), "tower": (3,),
                               "inputs": dense(WIDTH), "rngs": nnx.Rngs(0)}  # fmt: skip
    cgc = moo.models.build("cgc", num_specific=1, num_shared=3, **options)
    mmoe = moo.models.build("mmoe", num_experts=3, **options)
    (level, params, state), (graph, own, rest) = map(moo.models.functional, (cgc, mmoe))
    gates = params["levels"][0]["gates"]
    own = own | {"experts": params["levels"][0]["shared"], "towers": params["towers"]}
    own["gates"] = {t: {"kernel": gate["kernel"][:, 1:]} for t, gate in gates.items()}
    for gate in gates.values():
        # The first feature is 1: its weight is a bias that closes the own expert's gate.
        gate["kernel"] = gate["kernel"].at[:, 0].set(0).at[0, 0].set(-1e4)
    x = np.random.default_rng(0).normal(size=(64, WIDTH))
    x[:, 0] = 1
    batch = {"x": jax.numpy.asarray(x)}
    first, _ = moo.models.apply(level, params, state, batch, train=False)
    second, _ = moo.models.apply(graph, own, rest, batch, train=False)
    return {"off_mmoe": float(np.abs(np.asarray(first - second)).max())}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the correlation of the labels against that of the tasks, a line a draw of the waves."""
    at = np.linspace(0, 1, 9)
    found = _drawn(at, settings["rows"], settings["draws"])
    linear = correlations(at, np.array([]), np.array([]), settings["rows"])
    with moo.plotting.style():
        figure = Figure(figsize=(3.25, 2.4), layout="constrained")
        axes = figure.add_subplot(
            xlabel="cosine of the tasks $p$", ylabel="correlation of the labels"
        )
        each = axes.plot(at, found.T, color="#9cc6df", linewidth=0.5)
        (mean,) = axes.plot(at, found.mean(axis=0), "o-", color=BLUE)
        (plain,) = axes.plot(at, linear, "--", color=RED)
        words = ["ten waves, each draw", f"ten waves, mean of {len(found)}", "no waves"]
        axes.legend([each[0], mean, plain], words)
    return {"correlations": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("ple"))
