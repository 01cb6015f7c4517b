"""What a step costs in backward passes."""

import inspect
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import moo
from moo._names import find_name

_SUM = re.compile(r"\(?(?P<sum>[^()/]+)\)?(?:/(?P<part>\w+))?")
_TERM = re.compile(r"(?P<sign>[+-]?) ?(?P<count>\d*)(?P<letter>[A-Za-z]?)")
_NOW_AND_THEN = re.compile(r", and (?P<sum>\w+) in every (?P<part>\w+)-th step")
# The arguments that letters stand for, the first that the method has.
_ARGUMENTS = {"T": ("inner_steps", "period"), "R": ("period",), "n": ("sample",)}


def passes_a_step(
    method: str, num_objectives: int, options: Mapping[str, Any] | None = None
) -> Fraction:
    """Return the backward passes that a method's step takes, by the words of its registry row.

    Forward passes, in either mode, are not counted.

    Args:
        method: a key of `moo.aggregators.METHODS`.
        num_objectives: m.
        options: the method's hyper-parameters, where they are not its defaults.

    Raises:
        ValueError: if the method is unknown.

    Example:
        >>> [int(passes_a_step(method, 3)) for method in ("mean", "mgda", "moml", "forum")]
        [1, 3, 7, 8]
        >>> passes_a_step("sdmgrad", 3)
        Fraction(7, 3)
    """
    words = find_name("method", method, moo.aggregators.METHODS).backward_passes
    letters = {"m": num_objectives} | _letters(method, options or {})
    often = _SUM.fullmatch(words.partition(",")[0])
    assert often is not None, f"{method}: {words}"
    more = _NOW_AND_THEN.search(words)
    return sum((_value(part, letters) for part in (often, more) if part), start=Fraction())


def _letters(method: str, options: Mapping[str, Any]) -> dict[str, int]:
    known = inspect.signature(getattr(moo.aggregators, method)).parameters
    defaults = {name: parameter.default for name, parameter in known.items()}
    found = {}
    for letter, names in _ARGUMENTS.items():
        name = next((name for name in names if name in known), None)
        if name is not None:
            found[letter] = int(options.get(name, defaults[name]))
    return found


def _value(found: "re.Match[str]", letters: Mapping[str, int]) -> Fraction:
    """Return the value of a sum of terms, divided by the part if there is one."""
    terms = [term for term in _TERM.finditer(found["sum"]) if term["count"] or term["letter"]]
    total = sum(
        (-1 if term["sign"] == "-" else 1) * int(term["count"] or 1) * _named(term, letters)
        for term in terms
    )
    part = found["part"] or "1"
    return Fraction(total, int(part) if part.isdigit() else letters[part])


def _named(term: "re.Match[str]", letters: Mapping[str, int]) -> int:
    return letters[term["letter"]] if term["letter"] else 1
