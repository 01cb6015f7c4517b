"""Training with DeepCTR-Torch and torch-rechub, in each package's own loop."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from deepctr_torch.inputs import SparseFeat
from deepctr_torch.models import multitask as deepctr
from torch_rechub.basic.features import SparseFeature
from torch_rechub.basic.initializers import RandomNormal
from torch_rechub.models import multi_task as rechub
from torch_rechub.trainers import MTLTrainer
from torch_rechub.utils.data import DataGenerator

from benchmarks.speed._click_log import COLUMNS, FIELDS, Size
from benchmarks.speed._training import DIM, EXPERTS, HIDDEN, RATE, STD, TOWER, Trainer
from moo.data import Dataset


def deepctr_torch(name: str, size: Size, train: Dataset) -> Trainer:
    """Return DeepCTR-Torch's `fit`, without the penalties that it has by default."""
    columns = [SparseFeat(f, size.vocabulary, embedding_dim=DIM) for f in FIELDS]
    plain = {"l2_reg_linear": 0, "l2_reg_embedding": 0, "l2_reg_dnn": 0, "init_std": STD}
    if name == "esmm":
        model = deepctr.ESMM(columns, tower_dnn_hidden_units=HIDDEN, **plain)
    else:
        model = deepctr.MMOE(
            columns, num_experts=EXPERTS, expert_dnn_hidden_units=HIDDEN,
            gate_dnn_hidden_units=(), tower_dnn_hidden_units=TOWER, **plain,
        )  # fmt: skip
    model.compile(torch.optim.Adam(model.parameters(), lr=RATE), loss=["binary_crossentropy"] * 2)
    labels = np.stack([train[c] for c in COLUMNS], axis=1)

    def epoch() -> int:
        with _silence():
            model.fit(_fields(train), labels, batch_size=size.batch, epochs=1, verbose=0)
        return len(train)

    return Trainer(epoch, lambda test: model.predict(_fields(test), batch_size=4096))


def torch_rechub(name: str, size: Size, train: Dataset) -> Trainer:
    """Return torch-rechub's `MTLTrainer`, without the decay that it has by default."""
    normal = RandomNormal(0, STD)
    features = [
        SparseFeature(f, size.vocabulary, embed_dim=DIM, initializer=normal) for f in FIELDS
    ]
    kinds, labels = ["classification"] * 2, [train[c] for c in COLUMNS]
    if name == "esmm":
        half, tower = len(features) // 2, {"dims": list(HIDDEN)}
        model = rechub.ESMM(features[:half], features[half:], tower, dict(tower))
        kinds, labels = [*kinds, "classification"], [labels[1], *labels]  # of cvr, which it ignores
    else:
        towers = [{"dims": list(TOWER)} for _ in COLUMNS]
        model = rechub.MMOE(features, kinds, EXPERTS, {"dims": list(HIDDEN)}, towers)
    trainer = MTLTrainer(model, kinds, optimizer_params={"lr": RATE}, n_epoch=1)
    ids, labels = _fields(train), np.stack(labels, axis=1)
    generator = DataGenerator(ids, labels)
    loader, _, _ = generator.generate_dataloader(ids, labels, ids, labels, batch_size=size.batch)

    def epoch() -> int:
        with _silence():
            trainer.train_one_epoch(loader)
        return len(train)

    return Trainer(epoch, lambda test: _rechub_scores(model, test))


def _rechub_scores(model: Any, test: Dataset) -> np.ndarray:
    model.eval()
    with torch.no_grad():
        scores = model({name: torch.from_numpy(ids) for name, ids in _fields(test).items()})
    return scores.numpy()[:, -2:]


def _fields(data: Dataset) -> dict[str, np.ndarray]:
    return {name: np.array(data[name]) for name in FIELDS}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow the progress that both print."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
