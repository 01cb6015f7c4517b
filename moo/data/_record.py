"""`Record`: the base of the data that is no table."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from moo.data._error import DataError


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Record:
    """Named arrays and where they come from.

    Its arrays are read-only views, those of `rows` have one length, and floats are finite.

    Args:
        name: name of the data set.
        licence: under which the data may be used.
        source: where the data comes from.
        checksum: sha256 of the source files, empty where there are none.
        report: what the loader dropped, recoded or left -> number of cases.
    """

    name: str
    licence: str = ""
    source: str = ""
    checksum: str = ""
    report: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for field in self._arrays():
            view = getattr(self, field).view()
            if view.dtype.kind == "f" and not np.isfinite(view).all():
                raise DataError(f"{self.name}: {field} holds a number that is not finite")
            view.flags.writeable = False
            object.__setattr__(self, field, view)
        lengths = {field: len(getattr(self, field)) for field in self._arrays()}
        if len(set(lengths.values())) != 1:
            raise DataError(f"{self.name}: arrays differ in length: {lengths}")

    def __len__(self) -> int:
        return len(getattr(self, self._arrays()[0]))

    def take(self, index: Any) -> Self:
        """Return the record of the rows `index`: integers, a slice, or a mask (n,)."""
        rows = index if isinstance(index, slice) else np.asarray(index)
        arrays = {field: getattr(self, field)[rows] for field in self._arrays()}
        return dataclasses.replace(self, **arrays)

    def _arrays(self) -> list[str]:
        """Return the names of the fields that hold one entry a row."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return [name for name, value in values.items() if isinstance(value, np.ndarray)]
