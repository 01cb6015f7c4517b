"""A study by the names of its data set and its model."""

import functools
import json
from collections.abc import Iterator, Sequence

from benchmarks.studies._data_sets import DATA_SETS, Parts, load_parts
from benchmarks.studies._metrics import measured
from benchmarks.studies._models import MODELS, network_of
from benchmarks.studies._study import Study
from moo._names import find_name

BATCH_SIZE = 512


@functools.lru_cache(maxsize=32)
def build_study(data_set: str, model: str, options: str = "{}") -> Study:
    """Return a model on a data set, ready to be trained.

    Args:
        data_set: a key of `DATA_SETS`.
        model: a key of `MODELS`.
        options: a JSON object: `batch_size`, and what the data set takes, such as `num_rows`.

    Raises:
        DataError: if the data cannot be read.
        ValueError: if a name is unknown, or the model does not fit the data set.
    """
    for _ in pairs([data_set], [model]):
        given = json.loads(options)
        batch_size = given.pop("batch_size", BATCH_SIZE)
        return _study(data_set, model, _parts(data_set, json.dumps(given)), batch_size)
    raise ValueError(f"{model} needs a funnel of two labels, which {data_set} is not")


def pairs(data_sets: Sequence[str], models: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every data set with every model that fits it.

    Raises:
        ValueError: if a name is unknown; the message has the nearest ones.
    """
    for data_set in data_sets:
        funnel = find_name("data set", data_set, DATA_SETS).funnel
        for model in models:
            if not find_name("model", model, MODELS).funnel or funnel:
                yield data_set, model


def _study(data_set: str, model: str, parts: Parts, batch_size: int) -> Study:
    training, validation, test = parts
    kind, source = MODELS[model], DATA_SETS[data_set]
    features = [c for c in training.features if not source.columns or c.name in source.columns]
    labels = training.labels
    network = network_of(kind.network, features, len(labels))
    read = [column.name for column in (*features, *labels)]
    return Study(
        objective_names=kind.objectives(labels),
        train={name: training[name] for name in read},
        validation=measured(validation, read, source.score),
        test=measured(test, read, source.score),
        begin=network.begin,
        predict=network.predict,
        losses=kind.losses(labels),
        shared=network.shared,
        batch_size=batch_size,
    )


@functools.lru_cache(maxsize=8)
def _parts(data_set: str, options: str) -> Parts:
    return load_parts(data_set, **json.loads(options))
