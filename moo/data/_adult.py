"""UCI Adult, which ships with the package: real rows without any download."""

import hashlib
import io
from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from moo.data._column import Column
from moo.data._dataset import Dataset
from moo.data._error import DataError
from moo.data._registry import DATASETS

Raw = dict[str, NDArray[Any]]
Block = dict[Column, NDArray[Any]]

_SHA256 = "a2057d241cc0cf13adbb6a5f89392ce9689083fe98af6655e9c9cc1828c2c7e4"
_TRAIN_ROWS = 32_561
_PARTS = {
    "all": slice(None),
    "train": slice(None, _TRAIN_ROWS),
    "test": slice(_TRAIN_ROWS, None),
}
_CATEGORICAL = ("workclass", "education", "occupation", "race", "sex", "native_country")
_NUMERIC = ("age", "education_num", "hours_per_week")
_SKEWED = ("capital_gain", "capital_loss")


def adult(*, part: Literal["all", "train", "test"] = "all") -> Dataset:
    """Read UCI Adult: 48,842 people, whether they earn over 50k, whether they never married.

    The two labels are negatively correlated (-.32). Marital status and relationship are left out
    of the features, since they give the second label away. `fnlwgt`, the number of people a row
    stands for, is the row's weight and no feature. Capital gain and loss are log(1 + dollars);
    the other numbers are in their own units (`Dataset.standardize` scales them by what the
    training part shows).

    "?" (missing) is a category of its own and counted in the report; no row is dropped. Rows are
    people, and both labels are observed in every one of them.

    Args:
        part: `"train"` (32,561 rows) and `"test"` (16,281 rows) are the official split of UCI;
            `"all"` has the training rows first.

    Returns:
        The data set.

    Raises:
        ValueError: for another part.
        DataError: if the shipped file was changed.

    Example:
        >>> adult(part="train")
        Dataset('adult (train)': 32,561 rows, 11 features; income_over_50k 24.1 % of rows; \
never_married 32.8 % of rows)

    Source: Becker and Kohavi, UCI Machine Learning Repository 1996, doi:10.24432/C5XW20;
    CC BY 4.0.
    """
    if part not in _PARTS:
        raise ValueError(f"part must be one of {tuple(_PARTS)}, got {part!r}")
    raw = _read()
    block, rows = _features(raw) | _labels(raw), _PARTS[part]
    entry = DATASETS["adult"]
    return Dataset(
        name="adult" if part == "all" else f"adult ({part})",
        columns=tuple(block),
        arrays={column.name: array[rows] for column, array in block.items()},
        licence=entry.licence,
        source=entry.source,
        checksum=_SHA256,
        report={
            f"{name} missing, a category of its own": int(_is(raw, name, "?")[rows].sum())
            for name in _CATEGORICAL
            if "?" in raw[f"{name}.names"]
        },
    )


def _features(raw: Raw) -> Block:
    block: Block = {}
    for name in _CATEGORICAL:
        block[Column(name, "categorical", len(raw[f"{name}.names"]))] = raw[name].astype(np.int32)
    for name in _NUMERIC:
        block[Column(name, "numeric")] = raw[name].astype(np.float32)
    for name in _SKEWED:
        column = Column(name, "numeric", description="log(1 + dollars)")
        block[column] = np.log1p(raw[name]).astype(np.float32)
    return block


def _labels(raw: Raw) -> Block:
    weight = Column("fnlwgt", "weight", description="people the row stands for")
    rich = Column("income_over_50k", "label", space="impression")
    single = Column("never_married", "label", space="impression")
    return {
        weight: raw["fnlwgt"].astype(np.float32),
        rich: _is(raw, "income", ">50K"),
        single: _is(raw, "marital_status", "Never-married"),
    }


def _read() -> Raw:
    data = resources.files("moo.data").joinpath("_files", "adult.npz").read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != _SHA256:
        raise DataError(f"adult.npz: sha256 {found}, expected {_SHA256}\nreinstall the package")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def _is(raw: Raw, name: str, value: str) -> NDArray[np.float32]:
    """Return 1 where a text column has a value, else 0."""
    code = int(np.flatnonzero(raw[f"{name}.names"] == value)[0])
    same: NDArray[np.float32] = (raw[name] == code).astype(np.float32)
    return same
