"""A strict reader of tables in text: every value is checked, a bad one is named with its line."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_text
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
    """

    kind: Literal["int", "float", "text", "skip"]
    low: float | None = None
    high: float | None = None
    rule: Rule | None = None
    optional: bool = False


FLAG = Field("int", 0, 1)
NATURAL = Field("int", 0)
TEXT = Field("text")
SKIP = Field("skip")


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a text file: int64, float64, or object arrays of strings.

    `start` is 0, or -1 for a file without a header: rows are counted from below one.
    """

    path: Path
    columns: dict[str, NDArray[Any]]
    start: int = 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def rows(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))

    def fail(self, row: int, column: str, reason: str) -> NoReturn:
        """Raise a `DataError` that names the line of a row."""
        _fail(self.path, self.start + row, column, reason)


def read_table(
    path: Path, fields: Mapping[str, Field], *, names: Sequence[str] | None = None
) -> Table:
    """Read a comma-separated file whose header holds exactly the names of `fields`.

    Args:
        path: a .csv, .csv.xz or .csv.gz file.
        fields: name -> what its values may be; the file's order of columns is free.
        names: the columns in order, for a file without a header (it may have blanks after commas).

    Returns:
        The columns that are not skipped.

    Raises:
        DataError: for a file that cannot be read, another set of columns, a row with a field too
            few or too many (a blank line is one), or a value that its field forbids.
    """
    file = io.StringIO(read_text(path), newline="")
    lines = csv.reader(file, strict=True, skipinitialspace=names is not None)
    header = _header(path, lines, fields) if names is None else list(names)
    chunks: list[dict[str, NDArray[Any]]] = []
    start = first = 0 if names is None else -1
    for rows in _chunks(path, lines):
        _check_widths(path, rows, start, len(header))
        values = zip(*rows, strict=True)
        chunks.append(
            {
                name: _parse(path, name, fields[name], column, start)
                for name, column in zip(header, values, strict=True)
                if fields[name].kind != "skip"
            }
        )
        start += len(rows)
    if not chunks:
        raise DataError(f"{path}: line 2: a header, but no row below it")
    columns = {name: np.concatenate([c[name] for c in chunks]) for name in chunks[0]}
    return Table(path, columns, first)


def _header(path: Path, lines: Iterator[list[str]], fields: Mapping[str, Field]) -> list[str]:
    header = next(_guarded(path, lines), [])
    for name in header:
        if header.count(name) > 1:
            raise DataError(f"{path}: line 1: column {shorten(name)} stands twice in the header")
    if missing := [name for name in fields if name not in header]:
        raise DataError(f"{path}: line 1: column {missing[0]!r} is missing from the header")
    if extra := [name for name in header if name not in fields]:
        raise DataError(f"{path}: line 1: column {shorten(extra[0])} is not part of the format")
    return header


def _guarded(path: Path, lines: Any) -> Iterator[list[str]]:
    """Yield rows, with the reader's own complaints turned into a `DataError`."""
    try:
        yield from lines
    except csv.Error as error:
        raise DataError(f"{path}: line {lines.line_num}: {error}") from None


def _chunks(path: Path, lines: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for row in _guarded(path, lines):
        rows.append(row)
        if len(rows) == _CHUNK_ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _check_widths(path: Path, rows: list[list[str]], start: int, width: int) -> None:
    if set(map(len, rows)) == {width}:
        return
    index = next(i for i, row in enumerate(rows) if len(row) != width)
    line = _line_of(path, start + index)
    found = len(rows[index])
    raise DataError(f"{path}: line {line}: {found} fields where the header has {width}")


def _parse(path: Path, name: str, field: Field, values: Sequence[str], start: int) -> NDArray[Any]:
    if field.kind == "text":
        return np.array(values, dtype=object)
    if field.optional:
        numbers = _numbers(path, name, field, [value or "0" for value in values], start)
        numbers[[not value for value in values]] = np.nan
    else:
        numbers = _numbers(path, name, field, values, start)
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    outside = (numbers < low) | (numbers > high)
    if outside.any():
        row = int(np.argmax(outside))
        _fail(path, start + row, name, f"{values[row]} is outside [{low:g}, {high:g}]")
    if field.rule is not None and not (holds := field.rule.holds(numbers)).all():
        row = int(np.argmin(holds))
        _fail(path, start + row, name, f"{values[row]} is not {field.rule.expected}")
    return numbers


def _numbers(
    path: Path, name: str, field: Field, values: Sequence[str], start: int
) -> NDArray[Any]:
    """Parse a column at once; look for the bad value only if there is one."""
    text = ",".join(values)
    # A quoted "1,2" would pass as two numbers, hence the count of separators.
    if not _MANY[field.kind].fullmatch(text) or text.count(",") != len(values) - 1:
        _fail_at_bad(path, name, field, values, start)
    numbers = np.fromstring(text, sep=",", dtype=np.int64 if field.kind == "int" else np.float64)
    if field.kind == "float" and not np.isfinite(numbers).all():
        row = int(np.argmax(~np.isfinite(numbers)))
        _fail(path, start + row, name, f"{values[row]} is too large a number")
    return numbers


def _fail_at_bad(
    path: Path, name: str, field: Field, values: Sequence[str], start: int
) -> NoReturn:
    for index, value in enumerate(values):
        if not _ONE[field.kind].fullmatch(value):
            reason = f"{shorten(value)} is not {_EXPECTED[field.kind]}"
            _fail(path, start + index, name, reason)
    raise AssertionError("the joined column failed, so one of its values must")


def _fail(path: Path, row: int, column: str, reason: str) -> NoReturn:
    raise DataError(f"{path}: line {_line_of(path, row)}, column {column!r}: {reason}") from None


def _line_of(path: Path, row: int) -> int:
    """Return the line a row starts on; quoted line breaks make this more than row + 2."""
    lines = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    for _ in range(row + 1):
        next(lines)
    return lines.line_num + 1
