"""Where the files of a data set are, and the `Dataset` that is made of them."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from moo.data._bytes import checksum, find_file
from moo.data._column import Column
from moo.data._dataset import Dataset
from moo.data._error import DataError
from moo.data._registry import DATASETS, ROOT_VARIABLE

Block = dict[Column, NDArray[Any]]


def find_source(entry: str, root: Path, folders: Sequence[str], *names: str) -> Path:
    """Return the first of some names that is a file, plain or packed, of a registry entry.

    Raises:
        DataError: if there is none of them; speaks of the last name, the official one.
    """
    *others, official = names
    for name in others:
        with contextlib.suppress(DataError):
            return find_file(root, folders, name, "")
    hint = f"set root= or {ROOT_VARIABLE}; the data is from {DATASETS[entry].source}"
    return find_file(root, folders, official, hint)


def provenance(entry: str, paths: Sequence[Path], report: Mapping[str, int]) -> dict[str, Any]:
    """Return what a `Dataset` or `Record` says of its origin."""
    return {
        "licence": DATASETS[entry].licence,
        "source": DATASETS[entry].source,
        "checksum": checksum(paths),
        "report": report,
    }


def make_dataset(
    entry: str, name: str, block: Block, paths: Sequence[Path], report: Mapping[str, int]
) -> Dataset:
    """Return the data set of a block, with the provenance its registry entry states."""
    return Dataset(
        name=name,
        columns=tuple(block),
        arrays={column.name: array for column, array in block.items()},
        **provenance(entry, paths, report),
    )
