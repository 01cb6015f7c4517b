"""The two gradients inside ESMM, and the weights that stochastic methods give them as it trains."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from rich.console import Console

import moo
from benchmarks.studies._build import build_study
from benchmarks.studies._study import Study
from benchmarks.tables import Table, show
from moo.data import PRESETS

METHODS = ("mean", "smg", "calm")
LEARNING_RATE = 0.02
OPTIONS = {"num_rows": 300_000, "shares": [0.8, 0.04, 0.16], "embedding_dim": 16}


def gradients(
    presets: Sequence[str], steps: int, seeds: int, options: dict[str, Any] = OPTIONS
) -> None:
    """Print weights and lengths by preset and method, in the setting of the weightings suite."""
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
            rows.append((preset, name, *map(_spread, (early, late, ratio, cosine))))
    note = (
        f"{steps} steps of Adam from {LEARNING_RATE} to 0, {seeds} seeds; each number the "
        "median over steps, mean of the seeds ± standard error. Length: that of the gradient of "
        "click-and-conversion's loss over that of the click's."
    )
    columns = ("preset", "method", "click's weight, first half", "second half", "length", "cosine")
    show(Table("The gradients inside ESMM", columns, rows, note), Console(width=110))


def trained(
    study: Study, tx: optax.GradientTransformation, steps: int, seeds: int
) -> tuple[np.ndarray, ...]:
    """Train from every seed.

    Returns:
        Weights (seeds, steps, 2), ratios of lengths and cosines of the gradients (seeds, steps).
    """
    train = {name: jnp.asarray(column) for name, column in study.train.items()}
    count = len(next(iter(train.values())))
    drawn = [
        np.random.default_rng(seed).integers(0, count, (steps, study.batch_size))
        for seed in range(seeds)
    ]
    begun = [study.begin(seed) for seed in range(seeds)]
    starts = jax.tree.map(lambda *leaves: jnp.stack(leaves), *begun)
    one = _run(study, tx, train)
    return tuple(map(np.asarray, jax.jit(lambda p, at: jax.lax.map(one, (p, at)))(
        starts, jnp.asarray(np.stack(drawn)))))  # fmt: skip


def _run(
    study: Study, tx: optax.GradientTransformation, train: dict[str, jax.Array]
) -> Callable[[Any], Any]:
    def objectives(params: Any, batch: Any) -> Any:
        return study.losses(study.predict(params, batch), batch)

    def step(carry: Any, rows: jax.Array) -> tuple[Any, Any]:
        params, state = carry
        batch = {name: column[rows] for name, column in train.items()}
        jac = moo.jacobian(objectives, params, batch, batched=(True,))
        updates, state = tx.update(jac, state, params)
        gram = jac.gram()
        lengths = gram.norms * 2.0**gram.exponents
        told = moo.find(state, "weights"), lengths[1] / lengths[0], gram.cosines[0, 1]
        return (optax.apply_updates(params, updates), state), told

    def run(given: Any) -> Any:
        params, rows = given
        return jax.lax.scan(step, (params, tx.init(params)), rows)[1]

    return run


def _spread(values: np.ndarray) -> str:
    """Return mean ± standard error over seeds, of the median over steps."""
    seeds = np.median(values, axis=1)
    error = seeds.std(ddof=1) / np.sqrt(len(seeds)) if len(seeds) > 1 else np.nan
    return f"{seeds.mean():.2f} ± {error:.2f}"
