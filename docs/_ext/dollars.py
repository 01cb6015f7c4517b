"""Read docstrings laid out for a terminal: `$...$` is mathematics, labels start paragraphs."""

import re
from typing import Any

_LABELS = ("Source: ", "Differs from ")
_MATH = re.compile(r"(?<![\\`$])\$(?!\s)((?:[^$`\\]|\\.)+?)(?<!\s)\$(?!\d)")


def read_dollars(
    app: Any, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Turn every `$formula$`, also over a line's end, into the role `math`."""
    lines[:] = [part for line in lines for part in _paragraph(line)]
    text = _MATH.sub(lambda found: f":math:`{' '.join(found[1].split())}`", "\n".join(lines))
    lines[:] = text.split("\n")


def _paragraph(line: str) -> list[str]:
    """Start a paragraph at a label."""
    return ["", line] if line.startswith(_LABELS) else [line]


def setup(app: Any) -> dict[str, bool]:
    """Connect to autodoc, before napoleon moves the lines about."""
    app.connect("autodoc-process-docstring", read_dollars, priority=400)
    return {"parallel_read_safe": True}
