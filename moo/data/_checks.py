"""Checks of arguments that the data functions share."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

_MOST_NUMBERS = 2**29


def check_int(name: str, value: Any, low: int) -> int:
    """Return an int of Python or NumPy (no bool) of at least `low` as one of Python, or raise."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int of at least {low}, got {value!r}")
    if int(value) < low:
        raise ValueError(f"{name} must be at least {low}, got {value}")
    return int(value)


def check_fractions(fractions: Any) -> None:
    """Raise unless `fractions` is a sequence of numbers in (0, 1]."""
    numbers = isinstance(fractions, Iterable) and all(isinstance(f, Real) for f in fractions)
    if not numbers:
        raise TypeError(f"fractions must be numbers such as (0.8, 0.2), got {fractions!r}")
    if len(fractions) == 0 or any(not 0 < fraction <= 1 for fraction in fractions):
        raise ValueError(f"fractions must be in (0, 1], got {tuple(fractions)}")


def check_tables(sizes: Mapping[str, int], tables: Sequence[tuple[str, str]]) -> None:
    """Raise if a table, given by the names of its two sizes, would not fit in memory."""
    for rows, width in tables:
        if sizes[rows] * sizes[width] > _MOST_NUMBERS:
            raise ValueError(
                f"{rows} times {width} must be at most {_MOST_NUMBERS:,} numbers (4 GiB), "
                f"got {sizes[rows]:,} times {sizes[width]:,}; lower one of them"
            )
