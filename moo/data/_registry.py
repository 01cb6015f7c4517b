"""The data sets by name. Reading this table imports no loader and no array library."""

import functools
import importlib
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moo._names import check_options, find_name
from moo.data._error import DataError

if TYPE_CHECKING:
    from moo.data._dataset import Dataset

ROOT_VARIABLE = "MOO_DATA_ROOT"


@dataclass(frozen=True)
class Entry:
    """One data set that `load` knows.

    Args:
        loader: dotted path of the function that reads it.
        summary: what it is, in one line.
        tasks: its labels, in order.
        licence: under which it may be used.
        source: its official page.
        paper: who published it.
        needs_root: whether its files must be on disk; otherwise it ships with the package.
    """

    loader: str
    summary: str
    tasks: tuple[str, ...]
    licence: str
    source: str
    paper: str
    needs_root: bool = True


_KUAIRAND = "Gao et al., KuaiRand, CIKM 2022, arXiv:2208.08696"

DATASETS: Mapping[str, Entry] = {
    "adult": Entry(
        loader="moo.data._adult.adult",
        summary="48,842 people of the 1994 census; two labels in every row, in conflict",
        tasks=("income_over_50k", "never_married"),
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/2/adult",
        paper="Becker and Kohavi, UCI Machine Learning Repository 1996, doi:10.24432/C5XW20",
        needs_root=False,
    ),
    "kuairand_pure": Entry(
        loader="moo.data._kuairand_pure.kuairand_pure",
        summary="2.6 M video impressions, 1.19 M of them of randomly chosen videos",
        tasks=("click", "conversion"),
        licence="CC BY-SA 4.0",
        source="https://kuairand.com",
        paper=_KUAIRAND,
    ),
    "kuairand_subset": Entry(
        loader="moo.data._kuairand_subset.kuairand_subset",
        summary="33,745 liked video impressions of 664 users; an illustration, no evidence",
        tasks=("click", "conversion"),
        licence="CC BY-SA 4.0",
        source="https://kuairand.com",
        paper=_KUAIRAND,
    ),
}


def load(name: str, root: str | os.PathLike[str] | None = None, **options: Any) -> "Dataset":
    """Read a data set by name.

    Args:
        name: a key of `DATASETS`.
        root: folder with the files; without it, the environment variable `MOO_DATA_ROOT`. Data
            that ships with the package is read from there alone and refuses a root.
        **options: what the loader takes, for example `part="random"` for `kuairand_pure`.

    Returns:
        A validated `Dataset`.

    Raises:
        ValueError: for an unknown name, with the nearest ones, or a root that would not be read.
        TypeError: for an option that the loader does not take, with those it does.
        DataError: if the files are missing (says what to set, and where they come from) or do not
            hold what the format promises.

    Example:
        >>> len(load("adult"))
        48842
        >>> load("adlt")
        Traceback (most recent call last):
        ...
        ValueError: unknown data set 'adlt'; did you mean adult?
    """
    entry = find_name("data set", name, DATASETS)
    module, function = entry.loader.rsplit(".", 1)
    loader = getattr(importlib.import_module(module), function)
    known = inspect.signature(loader).parameters
    check_options(name, options, [option for option in known if option != "root"])
    if entry.needs_root:
        loader = functools.partial(loader, _folder(name, entry, root))
    elif root is not None:
        raise ValueError(f"{name} ships with the package and reads no folder: leave out root")
    dataset: Dataset = loader(**options)
    return dataset


def _folder(name: str, entry: Entry, root: str | os.PathLike[str] | None) -> Path:
    chosen = root if root is not None else os.environ.get(ROOT_VARIABLE)
    hint = f"set root= or {ROOT_VARIABLE} to the folder of the data; it is from {entry.source}"
    if not chosen:
        raise DataError(f"{name}: no folder to read it from\n{hint}")
    if not Path(chosen).is_dir():
        raise DataError(f"{name}: {chosen} is not a folder\n{hint}")
    return Path(chosen)
