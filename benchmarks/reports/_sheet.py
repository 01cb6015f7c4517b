"""Tables before they are HTML, LaTeX or Markdown: text, a sort key, a link, and what is best."""

import math
from collections.abc import Sequence
from typing import NamedTuple

DASH = "–"
_MOST_DIGITS = 6


class Entry(NamedTuple):
    """One entry of a table.

    Attributes:
        text: what is shown.
        key: what it is sorted by; None sorts last.
        link: the anchor of the cells that it comes from, or "".
        best: whether it is not told apart from the best of its column.
    """

    text: str
    key: float | str | None = None
    link: str = ""
    best: bool = False


class Sheet(NamedTuple):
    """A table.

    Attributes:
        name: the stem of its file.
        title: its caption.
        columns: headings; the first column names the row.
        rows: as many entries each.
        note: what the numbers are.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Entry, ...]]
    note: str = ""


def number(value: float, digits: int, link: str = "") -> Entry:
    """Return a number with so many decimals.

    Example:
        >>> number(0.25, 1).text, number(float("nan"), 1)
        ('0.2', Entry(text='–', key=None, link='', best=False))
    """
    if not math.isfinite(value):
        return Entry(DASH)
    return Entry(_signed(f"{value:,.{digits}f}"), float(value), link)


def ranged(value: float, low: float, high: float, digits: int, link: str = "") -> Entry:
    """Return a number with the ends of its interval.

    Example:
        >>> ranged(0.5, 0.25, 0.75, 2).text
        '0.50 [0.25, 0.75]'
    """
    shown = number(value, digits, link)
    if not (math.isfinite(low) and math.isfinite(high)):
        return shown
    return shown._replace(text=f"{shown.text} [{_signed(f'{low:,.{digits}f}')}, "
                               f"{_signed(f'{high:,.{digits}f}')}]")  # fmt: skip


def spread(mean: float, half: float) -> str:
    """Return `mean ± half-width`, with as many digits as the half-width has two of.

    Example:
        >>> spread(12.3456, 0.0123), spread(1.25e-7, 3e-8), spread(3.0, 0.0)
        ('12.346 ± 0.012', '(1.25 ± 0.30)e-07', '3 ± 0')
    """
    if not math.isfinite(half):
        return _alone(mean)
    if half == 0:
        return f"{_alone(mean)} ± 0"
    power = _exponent(mean, half)
    scale, last = 10.0**power, math.floor(math.log10(half)) - power - 1
    digits = max(0, -last)
    if digits > _MOST_DIGITS:
        return f"{_alone(mean)} ± {half:.0e}"
    body = f"{_signed(f'{mean / scale:.{digits}f}')} ± {half / scale:.{digits}f}"
    return body if power == 0 else f"({body})e{power:+03d}"


def _alone(value: float) -> str:
    return _signed(f"{value:.4g}")


def _exponent(mean: float, half: float) -> int:
    """Return the power of ten to take out, 0 where plain decimals are short enough."""
    largest = max(abs(mean), half)
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    return 0 if -3 <= power < 5 else power


def _signed(text: str) -> str:
    """Return a number with a minus sign in place of a hyphen, and no minus before zero."""
    if text.startswith("-") and not text.strip("-0.,"):
        return text[1:]
    return text.replace("-", "−", 1) if text.startswith("-") else text
