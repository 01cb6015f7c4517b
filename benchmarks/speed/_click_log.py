"""A random click log for the throughput row: eight fields, clicks, conversions of clicks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moo.data import Column, Dataset

FIELDS = tuple(f"field_{k}" for k in range(8))
COLUMNS = ("click", "conversion")
_RANK = 4  # of the taste that clicks follow


class Size(NamedTuple):
    """How much of it there is."""

    vocabulary: int
    train: int
    test: int
    batch: int


def click_log(size: Size, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Return training and test rows, from effects of every id and of pairs of fields."""
    rng = np.random.default_rng(seed)
    n = size.train + size.test
    ids = _ids(rng, n, size.vocabulary)
    arrays = {name: ids[:, k] for k, name in enumerate(FIELDS)}
    click = _drawn(rng, -1.0 + _taste(rng, ids, size.vocabulary))
    conversion = click * _drawn(rng, -1.0 + _taste(rng, ids, size.vocabulary))
    arrays |= dict(zip(COLUMNS, (click, conversion), strict=True))
    return _dataset(arrays, size, slice(0, size.train)), _dataset(
        arrays, size, slice(size.train, n)
    )


def _ids(rng: np.random.Generator, n: int, vocabulary: int) -> NDArray[np.int32]:
    """Draw ids with probabilities that fall as 1 / rank."""
    weights = 1 / np.arange(1, vocabulary + 1)
    drawn = rng.choice(vocabulary, (n, len(FIELDS)), p=weights / weights.sum())
    return drawn.astype(np.int32)


def _taste(
    rng: np.random.Generator, ids: NDArray[np.int32], vocabulary: int
) -> NDArray[np.float64]:
    tables = rng.standard_normal((len(FIELDS), vocabulary, _RANK + 1))
    rows = tables[np.arange(len(FIELDS)), ids]  # (n, fields, rank + 1)
    half = len(FIELDS) // 2
    users, items = rows[:, :half, 1:].mean(axis=1), rows[:, half:, 1:].mean(axis=1)
    return 0.4 * rows[:, :, 0].sum(axis=1) + (users * items).sum(axis=1)


def _drawn(rng: np.random.Generator, logits: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rng.random(len(logits)) < 1 / (1 + np.exp(-logits))).astype(np.float32)


def _dataset(arrays: dict[str, NDArray], size: Size, rows: slice) -> Dataset:
    fields = [Column(name, "categorical", vocabulary=size.vocabulary) for name in FIELDS]
    labels = [Column("click", "label", space="impression"),
              Column("conversion", "label", space="impression")]  # fmt: skip
    return Dataset("click log", (*fields, *labels), {k: v[rows] for k, v in arrays.items()})
