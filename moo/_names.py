"""Names that users type: look one up, or say which ones are near."""

import difflib
from collections.abc import Iterable, Mapping
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
        TypeError: the name is no str.
        ValueError: the name is not in the table.

    Example:
        >>> from moo._names import find_name
        >>> find_name("method", "mgda", {"mgda": 1, "pcgrad": 2})
        1
    """
    if not isinstance(name, str):
        raise TypeError(f"{kind} name must be a str, got {type(name).__name__}")
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name.lower(), table, n=3)
    near.sort(key=lambda match: match[0] != name[:1].lower())  # first letters are rarely wrong
    known = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(sorted(table))}"
    raise ValueError(f"unknown {kind} {name!r}; {known}")


def check_options(name: str, options: Iterable[str], known: Iterable[str]) -> None:
    """Raise a `TypeError` that lists the known options unless all of `options` are among them.

    Example:
        >>> from moo._names import check_options
        >>> check_options("adult", {"parts"}, ("part",))
        Traceback (most recent call last):
        ...
        TypeError: adult has no option parts; it takes part
    """
    known = list(known)
    if unknown := sorted(set(options) - set(known)):
        takes = ", ".join(known) or "no options"
        raise TypeError(f"{name} has no option {', '.join(unknown)}; it takes {takes}")
