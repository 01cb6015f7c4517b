"""Names that users type: look one up, or say which ones are near."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def find_name(kind: str, name: str, table: Mapping[str, T]) -> T:
    """Return `table[name]`, or raise with the nearest names.

    Args:
        kind: what the table holds, in the singular ("method", "problem", ...).
        name: the name as the user gave it.
        table: canonical name -> record.

    Returns:
        The record of that name.

    Raises:
        ValueError: the name is not in the table.

    Example:
        >>> from moo._names import find_name
        >>> find_name("method", "mgda", {"mgda": 1, "pcgrad": 2})
        1
    """
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name.lower(), table, n=3)
    known = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(sorted(table))}"
    raise ValueError(f"unknown {kind} {name!r}; {known}")
