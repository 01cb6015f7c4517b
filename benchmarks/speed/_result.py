"""What a row returns: plain data, so that the page can be made again without measuring."""

from collections.abc import Mapping, Sequence
from typing import Any

Result = dict[str, Any]


def result(
    values: Mapping[str, float | None],
    tables: Sequence[Result] = (),
    curves: Sequence[Result] = (),
    notes: Sequence[str] = (),
) -> Result:
    """Return a row's result.

    Args:
        values: what the bars judge; None where it could not be measured, which a note says.
        tables: from `table`.
        curves: from `curve`.
        notes: sentences on how it was measured, and on what was not.
    """
    return {
        "values": dict(values),
        "tables": list(tables),
        "curves": list(curves),
        "notes": list(notes),
    }


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Result:
    """Return a table of texts; the first column names the row."""
    return {"title": title, "columns": list(columns), "rows": [list(row) for row in rows]}


def curve(
    name: str, title: str, x: str, y: str, lines: Mapping[str, Sequence[tuple[float, float]]]
) -> Result:
    """Return a figure on logarithmic axes.

    Args:
        name: stem of its file.
        title: its caption.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        lines: label -> its points.
    """
    points = {label: [list(point) for point in line] for label, line in lines.items()}
    return {"name": name, "title": title, "x": x, "y": y, "lines": points}
