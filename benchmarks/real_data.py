"""Real data: Adult always, the KuaiRand subset where its files are present."""

import functools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from scipy.special import expit

import moo
from benchmarks.training import Cell, Study, train

METHODS: dict[str, dict[str, Any]] = {
    "mean": {},
    "uncertainty": {},
    "pcgrad": {},
    "cagrad": {"c": 0.4},
    "nash_mtl": {},
    "upgrad": {},
}
STUDIES = ("adult", "kuairand_subset")
# A third of the columns: identities, context and the most telling user features.
KUAIRAND_FEATURES = (
    "user_id",
    "video_id",
    "hour",
    "log_duration",
    "user_active_degree",
    "register_days_range",
    "onehot_feat3",
    "onehot_feat8",
)


def present() -> list[str]:
    """Return the data sets that can be read here: Adult ships with the package."""
    return [name for name in STUDIES if _readable(name)]


def run_methods(
    name: str, methods: Sequence[str], seeds: Sequence[int]
) -> tuple[list[tuple[Cell, list[dict[str, float]]]], float]:
    """Train the methods on one data set and measure them on its test rows.

    Returns:
        Each cell with its metrics by seed, and the seconds of compilation.
    """
    study = build_study(name)
    measure = _measure_adult if name == "adult" else _measure_kuairand
    cells, compiled = train(study, {method: METHODS[method] for method in methods}, seeds)
    return [
        (cell, [measure(study.test, o.logits) for o in cell.outcomes]) for cell in cells
    ], compiled


def build_study(name: str) -> Study:
    """Return the model, split and losses of a data set."""
    return _adult() if name == "adult" else _kuairand()


def _readable(name: str) -> bool:
    try:
        _dataset(name)
    except moo.data.DataError:
        return False
    return True


@functools.lru_cache(maxsize=2)
def _dataset(name: str) -> tuple[moo.data.Dataset, moo.data.Dataset]:
    """Return the training and test rows, numeric columns scaled by the training part."""
    if name == "adult":
        parts = (moo.data.load("adult", part="train"), moo.data.load("adult", part="test"))
    else:
        parts = moo.data.load("kuairand_subset").split_by_time((0.8, 0.2))
    training, test = parts
    return training.standardize(training), test.standardize(training)


def _adult() -> Study:
    training, test = _dataset("adult")
    return Study(
        name="adult",
        train=training,
        test=test,
        build=functools.partial(_shared_bottom, training),
        losses={"plain": _label_losses},
        batch_size=1024,
        epochs=3,
        learning_rate=2e-3,
    )


def _kuairand() -> Study:
    training, test = _dataset("kuairand_subset")
    return Study(
        name="kuairand_subset",
        train=training,
        test=test,
        build=functools.partial(_esmm, training),
        losses={"esmm": _esmm_losses},
        batch_size=512,
        epochs=2,
        learning_rate=2e-3,
    )


def _shared_bottom(training: moo.data.Dataset, seed: int) -> nnx.Module:
    return moo.models.SharedBottom(columns=training.features, num_tasks=2, rngs=nnx.Rngs(seed))


def _esmm(training: moo.data.Dataset, seed: int) -> nnx.Module:
    columns = [column for column in training.features if column.name in KUAIRAND_FEATURES]
    return moo.models.ESMM(columns=columns, rngs=nnx.Rngs(seed))


def _label_losses(logits: Any, batch: dict[str, Any], where: Any) -> Any:
    labels = jnp.stack([batch["income_over_50k"], batch["never_married"]], axis=-1)
    return optax.sigmoid_binary_cross_entropy(logits, labels).mean(axis=0)


def _esmm_losses(logits: Any, batch: dict[str, Any], where: Any) -> Any:
    labels = batch["click"], batch["conversion"]
    return moo.models.esmm_losses(logits[:, 0], logits[:, 1], *labels, where=where)


def _measure_adult(test: moo.data.Dataset, logits: np.ndarray) -> dict[str, float]:
    found = {}
    for task, name in enumerate(("income_over_50k", "never_married")):
        probabilities = expit(logits[:, task].astype(np.float64))
        found[f"{name}_auc"] = moo.metrics.auc(test[name], probabilities)
        found[f"{name}_log_loss"] = moo.metrics.log_loss(test[name], probabilities)
    return found


def _measure_kuairand(test: moo.data.Dataset, logits: np.ndarray) -> dict[str, float]:
    ctr, cvr = (expit(logits[:, task].astype(np.float64)) for task in (0, 1))
    found = moo.metrics.entire_space(ctr, cvr, test["click"], test["conversion"])
    kept = ("ctr_auc_impressions", "cvr_auc_clicks", "ctcvr_auc_impressions")
    return {name: found[name] for name in (*kept, "ctr_pcoc_impressions", "cvr_pcoc_clicks")}
