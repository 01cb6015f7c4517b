"""ESMM on data whose truth is known: methods x conflict modes, and the factorised baseline."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from flax import nnx
from scipy.special import expit

import moo
from benchmarks.training import Cell, Study, train

METHODS: dict[str, dict[str, Any]] = {
    "mean": {},
    "pcgrad": {},
    "cagrad": {"c": 0.4},
    "nash_mtl": {},
}
MODES = ("none", "stop_gradient", "soft", "cap", "mask")
BASELINE = "factorised"
CLASSES = ("not clicked", "clicked, not converted", "converted", "all rows")
LAYERS = {"ctr_tower": "CTR tower", "features": "embeddings"}
ROWS = 30_000
PROBE_ROWS = 4_096
METRICS = (
    "ctr_auc_impressions",
    "cvr_auc_clicks",
    "cvr_auc_impressions",
    "ctcvr_auc_impressions",
    "ctr_pcoc_impressions",
    "cvr_pcoc_impressions",
)


def run_methods(
    methods: Sequence[str], seeds: Sequence[int], rows: int = ROWS
) -> tuple[list[tuple[Cell, list[dict[str, float]]]], float]:
    """Train ESMM in every conflict mode and measure it on the last fifth of the impressions.

    `mean` is also trained by the factorised likelihood, and probed for conflict by class.

    Returns:
        Each cell with its metrics by seed, and the seconds of compilation.
    """
    study = build_study(rows, baseline="mean" in methods)
    cells, compiled = train(study, {method: METHODS[method] for method in methods}, seeds)
    return [
        (cell, [measure(study.test, o.logits) for o in cell.outcomes]) for cell in cells
    ], compiled


def build_study(rows: int = ROWS, *, baseline: bool = False) -> Study:
    """Return ESMM on the simulator's short-video regime; with the baseline, also its probe."""
    training, test = _parts(rows)
    losses: dict[str, Any] = {mode: functools.partial(_esmm, mode) for mode in MODES}
    if baseline:
        losses[BASELINE] = _factorised
    return Study(
        name="short_video",
        train=training,
        test=test,
        build=functools.partial(_build, training),
        losses=losses,
        batch_size=512,
        epochs=3,
        learning_rate=5e-3,
        probe=_conflict if baseline else None,
    )


def measure(test: moo.data.Dataset, logits: np.ndarray) -> dict[str, float]:
    """Return the test metrics, CVR also on every impression against its potential conversion."""
    found = moo.metrics.entire_space(
        expit(logits[:, 0].astype(np.float64)),
        expit(logits[:, 1].astype(np.float64)),
        test["click"],
        test["conversion"],
        potential_conversion=test["potential_conversion"],
    )
    return {name: found[name] for name in METRICS}


@functools.lru_cache(maxsize=2)
def _parts(rows: int) -> tuple[moo.data.Dataset, moo.data.Dataset]:
    data = moo.data.simulate("short_video", num_rows=rows, seed=0)
    training, test = data.split_by_time((0.8, 0.2))
    return training, test


def _build(training: moo.data.Dataset, seed: int) -> nnx.Module:
    return moo.models.ESMM(columns=training.features, rngs=nnx.Rngs(seed))


def _esmm(mode: Any, logits: Any, batch: dict[str, Any], where: Any) -> Any:
    labels = batch["click"], batch["conversion"]
    return moo.models.esmm_losses(logits[:, 0], logits[:, 1], *labels, conflict=mode, where=where)


def _factorised(logits: Any, batch: dict[str, Any], where: Any) -> Any:
    labels = batch["click"], batch["conversion"]
    return moo.models.factorised_losses(logits[:, 0], logits[:, 1], *labels, where=where)


def _conflict(objectives: Any, params: Any, test: dict[str, Any]) -> dict[str, Any]:
    """Return the two gradients' cosine by sample class, at the CTR tower and the embeddings."""
    batch = jax.tree.map(lambda leaf: leaf[:PROBE_ROWS], test)
    by_label = moo.diagnostics.esmm_classes(batch["click"], batch["conversion"])
    every = jax.numpy.ones((1, PROBE_ROWS), bool)[:, : by_label.shape[1]]
    found = moo.diagnostics.class_cosines(
        objectives, params, batch, classes=jax.numpy.concatenate([by_label, every])
    )
    return {layer: found.layers[layer].cosines[:, 0, 1] for layer in LAYERS}
