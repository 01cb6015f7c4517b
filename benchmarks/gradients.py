"""The two gradients inside ESMM, and the weights that stochastic methods give them as it trains."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from rich.console import Console

import moo
from benchmarks.studies._build import build_study
from benchmarks.studies._study import Study
from benchmarks.tables import Table, show, write_csv
from moo.data import PRESETS, Batches

METHODS = ("mean", "smg", "calm")
LEARNING_RATE = 0.02
OPTIONS = {"num_rows": 300_000, "shares": [0.8, 0.04, 0.16], "embedding_dim": 16}


def gradients(
    presets: Sequence[str],
    steps: int,
    seeds: int,
    out: Path | None = None,
    options: dict[str, Any] = OPTIONS,
) -> None:
    """Print, and write as CSV, weights and lengths by preset and method, as in `weightings`."""
    rows = []
    for preset in presets or sorted(PRESETS):
        study = build_study(preset, "esmm", json.dumps(options))
        for name in METHODS:
            tx = optax.chain(
                moo.aggregator(name, num_objectives=2),
                optax.adam(optax.linear_schedule(LEARNING_RATE, 0.0, steps)),
            )
            weights, ratio, cosine = trained(study, tx, steps, seeds)
            early, late = np.array_split(weights[..., 0], 2, axis=1)
            means = [_spread(one.mean(axis=1)) for one in (early, late, cosine)]
            rows.append((preset, name, *means, _spread(np.median(ratio, axis=1))))
    note = (
        f"{steps} steps of Adam from {LEARNING_RATE} to 0, {seeds} seeds, gradients of the shared "
        "parameters; means over the steps, mean of the seeds ± standard error. Length: that of the "
        "gradient of click-and-conversion's loss over that of the click's, median over the steps."
    )
    columns = ("preset", "method", "click's weight, first half", "second half", "cosine", "length")
    table = Table("The gradients inside ESMM", columns, rows, note)
    show(table, Console(width=110))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_csv(table, out / "gradients.csv")


def trained(
    study: Study, tx: optax.GradientTransformation, steps: int, seeds: int
) -> tuple[np.ndarray, ...]:
    """Train from every seed, on the batches that the suite's runs see.

    Returns:
        Weights (seeds, steps, 2), ratios of lengths and cosines of the gradients (seeds, steps).
    """
    train = {name: jnp.asarray(column) for name, column in study.train.items()}
    one = _run(study, tx, train)
    rows = np.stack([_order(study, seed, steps) for seed in range(seeds)])
    begun = [study.begin(seed) for seed in range(seeds)]
    starts = jax.tree.map(lambda *leaves: jnp.stack(leaves), *begun)
    every = jax.jit(lambda starts, rows: jax.lax.map(one, (starts, rows)))
    return tuple(map(np.asarray, every(starts, rows)))


def _order(study: Study, seed: int, steps: int) -> np.ndarray:
    """Return the rows of each step's batch, (steps, batch)."""
    count, size = len(next(iter(study.train.values()))), study.batch_size
    epochs = -(-steps // (count // size))
    batches = Batches({"row": np.arange(count, dtype=np.int32)}, size, epochs=epochs, seed=seed)
    return np.stack([batches[k]["row"] for k in range(steps)])


def _run(
    study: Study, tx: optax.GradientTransformation, train: dict[str, jax.Array]
) -> Callable[[Any], Any]:
    def objectives(params: Any, batch: Any) -> Any:
        return study.losses(study.predict(params, batch), batch)

    def step(carry: Any, rows: jax.Array) -> tuple[Any, Any]:
        params, state = carry
        batch = {name: column[rows] for name, column in train.items()}
        jac = moo.jacobian(objectives, params, batch, shared=study.shared, batched=(True,))
        updates, state = tx.update(jac, state, params)
        gram = jac.gram()
        told = moo.find(state, "weights"), gram.lengths[1] / gram.lengths[0], gram.cosines[0, 1]
        return (optax.apply_updates(params, updates), state), told

    def run(given: Any) -> Any:
        params, rows = given
        return jax.lax.scan(step, (params, tx.init(params)), rows)[1]

    return run


def _spread(seeds: np.ndarray) -> str:
    """Return mean ± standard error over seeds."""
    error = seeds.std(ddof=1) / np.sqrt(len(seeds)) if len(seeds) > 1 else np.nan
    return f"{seeds.mean():.2f} ± {error:.2f}"
