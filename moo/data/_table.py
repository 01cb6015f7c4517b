"""A strict reader of tables in text: every value is checked, a bad one is named with its line."""

import csv
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_lines
from moo.data._error import DataError, shorten

_CHUNK_ROWS = 50_000

_PATTERNS = {
    "int": r"-?[0-9]{1,18}",
    "float": r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?",
}
_ONE = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_MANY = {kind: re.compile(rf"(?:{p},)*+{p}") for kind, p in _PATTERNS.items()}
_EXPECTED = {
    "int": "a whole number of at most 18 digits",
    "float": "a finite number",
}


class Rule(NamedTuple):
    """Which numbers of a column hold, one bool a number, and what those are in words."""

    holds: Callable[[NDArray[Any]], NDArray[np.bool_]]
    expected: str


class Field(NamedTuple):
    """What one column of a text file may hold.

    `low` and `high` bound numbers, both inclusive; a `rule` says more of them. A column to `skip`
    must be there, but its values are not read. An empty value of an `optional` float becomes NaN.
    Numbers are kept as `dtype`: int64 or float64, or the smaller type that it names.
    """

    kind: Literal["int", "float", "text", "skip"]
    low: float | None = None
    high: float | None = None
    rule: Rule | None = None
    optional: bool = False
    dtype: Literal["int8", "int32", "float32"] | None = None


FLAG = Field("int", 0, 1)
NATURAL = Field("int", 0)
TEXT = Field("text")
SKIP = Field("skip")


@dataclass(frozen=True)
class Layout:
    """How a text file is cut into rows, and which line a row starts on.

    Between commas a value may be quoted and hold a line break; any other delimiter knows no
    quotes, and a line is a row.
    """

    path: Path
    header: bool = True
    delimiter: str = ","
    encoding: str = "utf-8"

    def read(self) -> Iterator[list[str]]:
        """Yield the rows, the header among them."""
        lines = read_lines(self.path, self.encoding)
        if self.delimiter != ",":
            for line in lines:
                yield line.removesuffix("\n").removesuffix("\r").split(self.delimiter)
            return
        rows = csv.reader(lines, strict=True, skipinitialspace=not self.header)
        try:
            yield from rows
        except csv.Error as error:
            raise DataError(f"{self.path}: line {rows.line_num}: {error}") from None

    def line_of(self, row: int) -> int:
        """Return the line of a row below the header; quoted line breaks make it a later one."""
        above = row + self.header
        if self.delimiter != ",":
            return above + 1
        rows = csv.reader(read_lines(self.path, self.encoding), strict=True)
        for _ in range(above):
            next(rows)
        return rows.line_num + 1

    def fail(self, row: int, column: str, reason: str) -> NoReturn:
        """Raise a `DataError` that names the line of a row."""
        where = f"{self.path}: line {self.line_of(row)}, column {column!r}"
        raise DataError(f"{where}: {reason}") from None


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a text file: whole numbers, floats, or object arrays of strings."""

    layout: Layout
    columns: dict[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self.layout.path

    def rows(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))

    def fail(self, row: int, column: str, reason: str) -> NoReturn:
        """Raise a `DataError` that names the line of a row."""
        self.layout.fail(row, column, reason)


def read_table(
    path: Path,
    fields: Mapping[str, Field],
    *,
    names: Sequence[str] | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Table:
    """Read a file of separated values whose header holds exactly the names of `fields`.

    The file is read as it is parsed: only the columns that are kept must fit in memory.

    Args:
        path: a .csv file, plain or packed as .xz, .gz or alone in a .zip.
        fields: name -> what its values may be; the file's order of columns is free.
        names: the columns in order, for a file without a header (it may have blanks after commas).
        delimiter: what separates the values; other than a comma, values are never quoted.
        encoding: of the text.

    Returns:
        The columns that are not skipped.

    Raises:
        DataError: for a file that cannot be read, another set of columns, a row with a field too
            few or too many (a blank line is one), or a value that its field forbids.
    """
    layout = Layout(path, names is None, delimiter, encoding)
    lines = layout.read()
    header = _header(path, lines, fields) if names is None else list(names)
    chunks: list[dict[str, NDArray[Any]]] = []
    start = 0
    for rows in _chunks(lines):
        _check_widths(layout, rows, start, len(header))
        values = zip(*rows, strict=True)
        chunks.append(
            {
                name: _parse(layout, name, fields[name], column, start)
                for name, column in zip(header, values, strict=True)
                if fields[name].kind != "skip"
            }
        )
        start += len(rows)
    if not chunks:
        raise DataError(f"{path}: line 2: a header, but no row below it")
    kept = [name for name in header if fields[name].kind != "skip"]
    # Chunks are let go column by column, so that a big table is never there twice.
    return Table(layout, {name: np.concatenate([c.pop(name) for c in chunks]) for name in kept})


def _header(path: Path, lines: Iterator[list[str]], fields: Mapping[str, Field]) -> list[str]:
    header = next(lines, [])
    for name in header:
        if header.count(name) > 1:
            raise DataError(f"{path}: line 1: column {shorten(name)} stands twice in the header")
    if missing := [name for name in fields if name not in header]:
        raise DataError(f"{path}: line 1: column {missing[0]!r} is missing from the header")
    if extra := [name for name in header if name not in fields]:
        raise DataError(f"{path}: line 1: column {shorten(extra[0])} is not part of the format")
    return header


def _chunks(lines: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while rows := list(itertools.islice(lines, _CHUNK_ROWS)):
        yield rows


def _check_widths(layout: Layout, rows: list[list[str]], start: int, width: int) -> None:
    if set(map(len, rows)) == {width}:
        return
    index = next(i for i, row in enumerate(rows) if len(row) != width)
    where = f"{layout.path}: line {layout.line_of(start + index)}"
    owner = "header" if layout.header else "format"
    raise DataError(f"{where}: {len(rows[index])} fields where the {owner} has {width}")


def _parse(
    layout: Layout, name: str, field: Field, values: Sequence[str], start: int
) -> NDArray[Any]:
    if field.kind == "text":
        # The same text in a million rows is one object.
        return np.array(list(map(sys.intern, values)), dtype=object)
    if field.optional:
        numbers = _numbers(layout, name, field, [value or "0" for value in values], start)
        numbers[[not value for value in values]] = np.nan
    else:
        numbers = _numbers(layout, name, field, values, start)
    low, high = _bounds(field)
    outside = (numbers < low) | (numbers > high)
    if outside.any():
        row = int(np.argmax(outside))
        layout.fail(start + row, name, f"{values[row]} is outside [{low:.10g}, {high:.10g}]")
    if field.rule is not None and not (holds := field.rule.holds(numbers)).all():
        row = int(np.argmin(holds))
        layout.fail(start + row, name, f"{values[row]} is not {field.rule.expected}")
    return numbers if field.dtype is None else numbers.astype(field.dtype)


def _bounds(field: Field) -> tuple[float, float]:
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    if field.dtype is None:
        return low, high
    kind = np.iinfo if field.kind == "int" else np.finfo
    limits = kind(field.dtype)
    return max(low, float(limits.min)), min(high, float(limits.max))


def _numbers(
    layout: Layout, name: str, field: Field, values: Sequence[str], start: int
) -> NDArray[Any]:
    """Parse a column at once; look for the bad value only if there is one."""
    text = ",".join(values)
    # A quoted "1,2" would pass as two numbers, hence the count of separators.
    if not _MANY[field.kind].fullmatch(text) or text.count(",") != len(values) - 1:
        _fail_at_bad(layout, name, field, values, start)
    numbers = np.fromstring(text, sep=",", dtype=np.int64 if field.kind == "int" else np.float64)
    if field.kind == "float" and not np.isfinite(numbers).all():
        row = int(np.argmax(~np.isfinite(numbers)))
        layout.fail(start + row, name, f"{values[row]} is too large a number")
    return numbers


def _fail_at_bad(
    layout: Layout, name: str, field: Field, values: Sequence[str], start: int
) -> None:
    """Fail at the first bad value; early releases of Python 3.11 may find fault where none is."""
    for index, value in enumerate(values):
        if not _ONE[field.kind].fullmatch(value):
            reason = f"{shorten(value)} is not {_EXPECTED[field.kind]}"
            layout.fail(start + index, name, reason)
