"""Samples a second in training ESMM and MMoE, each package with its own loop, and test AUC."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

import moo
from benchmarks.speed import _peers
from benchmarks.speed._alternate import Seconds, ratio
from benchmarks.speed._click_log import COLUMNS, FIELDS, Size, click_log
from benchmarks.speed._result import Result, result, table
from benchmarks.speed._training import (
    DIM,
    EXPERTS,
    HIDDEN,
    RATE,
    STD,
    TOWER,
    Trainer,
    moo_trainer,
    network_alone,
)
from moo.data import Dataset

FULL, SMALL = Size(10_000, 200_000, 50_000, 1024), Size(50, 512, 256, 128)
MODELS = ("esmm", "mmoe")
PEERS = {"deepctr_torch": "DeepCTR-Torch", "torch_rechub": "torch-rechub"}
EPOCHS = 3


class Trained(NamedTuple):
    """One package's seconds a sample, epoch by epoch, and its test AUC of each label."""

    seconds: Seconds
    auc: tuple[float, float]  # of its best epoch; NaN where nothing is learned
    compilation: float


def throughput(*, small: bool = False) -> Result:
    """Train both models with every package, epochs in turns."""
    size, models = (SMALL, MODELS[:1]) if small else (FULL, MODELS)
    threads = _peers.torch_threads()
    train, test = click_log(size)
    found = {
        (model, peer): _trained(_trainers(model, peer, size, train), test)
        for model in models for peer in PEERS
    }  # fmt: skip
    values: dict[str, float | None] = {
        peer + end: min(
            ratio(found[model, peer]["peer"].seconds, found[model, peer][name].seconds).median
            for model in models
        )
        for peer in PEERS
        for end, name in (("", "moo"), ("_floor", "floor"))
    }
    values["auc_missing"] = max(_missing(one["moo"], one["peer"]) for one in found.values())
    rows = [
        row for (model, peer), one in found.items()
        for row in _rows(model, PEERS[peer], one)
    ]  # fmt: skip
    columns = ("model, package", "samples a second", "ratio", "AUC click", "AUC conversion",
               "compilation s")  # fmt: skip
    title = f"Training, {size.train:,} rows, batch {size.batch:,}, {EPOCHS} epochs"
    return result(values, [table(title, columns, rows)], (), [_note(size, threads)])


def _trainers(
    model: str, peer: str, size: Size, train: Dataset
) -> Mapping[str, Callable[[], Trainer]]:
    from benchmarks.speed import _torch_training

    norm = peer == "torch_rechub"  # it has no layers without batch norm
    return {
        "peer": lambda: getattr(_torch_training, peer)(model, size, train),
        "moo": lambda: moo_trainer(model, size, train, batch_norm=norm),
        "dense": lambda: moo_trainer(model, size, train, batch_norm=norm, sparse=False),
        "floor": lambda: network_alone(model, size, train, batch_norm=norm),
    }


def _trained(makers: Mapping[str, Callable[[], Trainer]], test: Dataset) -> dict[str, Trained]:
    trainers = {name: make() for name, make in makers.items()}
    seconds: dict[str, list[float]] = {name: [] for name in trainers}
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in trainers}
    for turn in range(EPOCHS):
        for name in list(trainers)[:: -1 if turn % 2 else 1]:
            started = time.perf_counter()
            rows = trainers[name].epoch()
            seconds[name].append((time.perf_counter() - started) / rows)
            scores[name].append(_auc(trainers[name], test))
    return {
        name: Trained(np.array(seconds[name]), max(scores[name], key=sum), trainer.compilation)
        for name, trainer in trainers.items()
    }


def _auc(trainer: Trainer, test: Dataset) -> tuple[float, float]:
    if trainer.scores is None:
        return np.nan, np.nan
    scores = trainer.scores(test)
    return tuple(float(moo.metrics.auc(test[c], scores[:, k])) for k, c in enumerate(COLUMNS))


def _missing(ours: Trained, theirs: Trained) -> float:
    """Return the most by which our test AUC is below theirs, 0 if it never is."""
    return max(0.0, *(b - a for a, b in zip(ours.auc, theirs.auc, strict=True)))


def _rows(model: str, peer: str, one: dict[str, Trained]) -> list[tuple[str, ...]]:
    names = {"peer": peer, "moo": "moo, rows of the batch", "dense": "moo, dense Adam",
             "floor": "the network alone"}  # fmt: skip
    told = {name: str(ratio(one["peer"].seconds, one[name].seconds)) for name in one}
    told["peer"] = "1"
    return [
        (f"{model}, {names[name]}", f"{1 / np.median(done.seconds):,.0f}", told[name],
         *("–" if np.isnan(auc) else f"{auc:.4f}" for auc in done.auc), f"{done.compilation:.1f}")
        for name, done in one.items()
    ]  # fmt: skip


def _note(size: Size, threads: int) -> str:
    tower = " and ".join(map(str, HIDDEN))
    return (
        f"{len(FIELDS)} fields × {DIM}, vocabulary {size.vocabulary:,} a field; towers, or "
        f"{EXPERTS} experts under towers of {TOWER[0]}, of {tower}; float32, Adam at {RATE:g}, "
        f"tables from a normal distribution of deviation {STD:g}, no penalty, {threads} threads; "
        "an epoch of each in turns, compilation not included; every epoch is in its ratio. "
        "DeepCTR-Torch: `model.fit`; torch-rechub: `MTLTrainer.train_one_epoch`, beside models "
        "with batch norm, as its towers always have one, that begin and decay as PyTorch's. moo: "
        "`Dataset.batches` and a jitted `moo.sparse.make_step` with `lazy(adam)`, whose moments of "
        "a row move when it is read; *dense Adam*: `moo.make_step`. *The network alone* is the "
        "floor: forward and backward passes of moo's towers and experts on vectors that are "
        "there, with SGD, a compiled step a batch: what is left to a loop around these passes. "
        f"AUC on {size.test:,} test rows, of each one's best epoch by these rows themselves; the "
        "bar is on what moo lacks of a peer's, and the table has the differences to both sides."
    )
