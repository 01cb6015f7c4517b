"""A strict reader of dense ARFF files, the format of Weka and Mulan."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from moo.data._bytes import read_text
from moo.data._error import DataError, shorten

_ATTRIBUTE = re.compile(r"@attribute\s+('[^']+'|\"[^\"]+\"|[^\s'\"]+)\s+(.+)", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?")
_NUMERIC = ("numeric", "real", "integer")


class Attribute(NamedTuple):
    """A column: its name, and its values unless it is numeric."""

    name: str
    values: tuple[str, ...] | None


class Arff(NamedTuple):
    """The rows of a file as numbers: NaN is missing, a nominal value is its position."""

    attributes: tuple[Attribute, ...]
    rows: NDArray[np.float64]


def read_arff(path: Path) -> Arff:
    """Read an ARFF file (plain, .gz or .xz).

    Raises:
        DataError: with the line, for a file that cannot be read, a declaration that is neither
            numeric nor nominal, a row of another width, or a value its attribute forbids.
    """
    lines = _lines(path)
    attributes = _header(path, lines)
    rows = [_row(path, number, text, attributes) for number, text in lines]
    if not rows:
        raise DataError(f"{path}: no row below @data")
    return Arff(attributes, np.array(rows, np.float64))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are neither blank nor a comment."""
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("%"):
            yield number, text


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> tuple[Attribute, ...]:
    """Read the declarations, up to and including @data."""
    found: dict[str, Attribute] = {}
    for number, text in lines:
        keyword = text.split(maxsplit=1)[0].lower()
        if keyword == "@data" and found:
            return tuple(found.values())
        if keyword == "@attribute":
            attribute = _attribute(path, number, text)
            if attribute.name in found:
                _fail(path, number, f"attribute {shorten(attribute.name)} is declared twice")
            found[attribute.name] = attribute
        elif keyword != "@relation":
            _fail(path, number, f"{shorten(text)} is not @relation, @attribute or @data")
    raise DataError(f"{path}: there is no @data below attributes")


def _attribute(path: Path, number: int, text: str) -> Attribute:
    match = _ATTRIBUTE.fullmatch(text)
    if match is None:
        _fail(path, number, f"{shorten(text)} is not `@attribute name type`")
    name, kind = match[1].strip("'\""), match[2].strip()
    if kind.lower() in _NUMERIC:
        return Attribute(name, None)
    if not (kind.startswith("{") and kind.endswith("}")):
        _fail(path, number, f"type {shorten(kind)} is neither numeric nor a list {{a,b}}")
    return Attribute(name, tuple(value.strip() for value in kind[1:-1].split(",")))


def _row(path: Path, number: int, text: str, attributes: Sequence[Attribute]) -> list[float]:
    fields = [field.strip() for field in text.split(",")]
    if len(fields) != len(attributes):
        _fail(path, number, f"{len(fields)} fields, {len(attributes)} attributes are declared")
    return [
        _value(path, number, field, attribute)
        for field, attribute in zip(fields, attributes, strict=True)
    ]


def _value(path: Path, number: int, text: str, attribute: Attribute) -> float:
    if text == "?":
        return np.nan
    if attribute.values is None:
        if _NUMBER.fullmatch(text) and np.isfinite(value := float(text)):
            return value
        _fail(path, number, f"attribute {attribute.name!r}: {shorten(text)} is no finite number")
    if text not in attribute.values:
        _fail(path, number, f"attribute {attribute.name!r}: {shorten(text)} is not declared")
    return attribute.values.index(text)


def _fail(path: Path, number: int, reason: str) -> NoReturn:
    raise DataError(f"{path}: line {number}: {reason}")
