"""Studies on tables of features and binary labels, by the names of data set and model."""

import functools
import json
from typing import Any

from benchmarks.studies._data_sets import DATA_SETS, Parts, load_parts
from benchmarks.studies._metrics import measured
from benchmarks.studies._models import MODELS, network_of
from benchmarks.studies._signal import signal, unconverted
from benchmarks.studies._study import Arrays, Study

# Stochastic methods split a batch in two or in three.
BATCH_SIZE = 480
EMBEDDING_DIM = 8


def fitting(data_set: str) -> tuple[str, ...]:
    """Return the models that fit a key of `DATA_SETS`: some need a funnel of labels."""
    funnel = DATA_SETS[data_set].funnel
    return tuple(name for name, model in MODELS.items() if funnel or not model.funnel)


def build_table_study(
    data_set: str, model: str, *, batch_size: int = BATCH_SIZE,
    embedding_dim: int = EMBEDDING_DIM, **options: Any,
) -> Study:  # fmt: skip
    """Return a model on a table, ready to be trained.

    Args:
        data_set: a key of `DATA_SETS`.
        model: one of the models that fit it.
        batch_size: rows in a step.
        embedding_dim: width of each feature's vector.
        **options: what the data set takes, such as `num_rows`.

    Raises:
        DataError: if the data cannot be read.
    """
    training, validation, test = _parts(data_set, json.dumps(options))
    kind, source = MODELS[model], DATA_SETS[data_set]
    features = [c for c in training.features if not source.columns or c.name in source.columns]
    labels = training.labels
    network = network_of(kind.network, features, len(labels), embedding_dim)
    read = [column.name for column in (*features, *labels)]
    losses, looked_at = kind.losses(labels), measured(validation, read, source.score)

    def of_parameters(params: Any, arrays: Arrays) -> Any:
        return losses(network.predict(params, arrays), arrays)

    steps = [label.name for label in labels[:2]]
    return Study(
        objective_names=kind.name_objectives(labels),
        train={name: training[name] for name in read},
        validation=looked_at,
        test=measured(test, read, source.score),
        begin=network.begin,
        predict=network.predict,
        losses=losses,
        shared=network.shared,
        batch_size=batch_size,
        chosen_by=kind.chosen_by,
        inspect=functools.partial(signal, of_parameters) if kind.funnel else None,
        inspected=unconverted(looked_at.arrays, *steps) if kind.funnel else {},
        checksum=",".join(sorted({part.checksum for part in (training, test)})),
    )


@functools.lru_cache(maxsize=8)
def _parts(data_set: str, options: str) -> Parts:
    return load_parts(data_set, **json.loads(options))
