"""The results as a page: the bars, every row's tables and figures, and what was not measured."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import moo
from benchmarks.reports._markdown import markdown
from benchmarks.reports._sheet import Entry, Sheet
from benchmarks.speed._bars import verdicts
from benchmarks.speed._result import Result
from benchmarks.speed._rows import ROWS
from benchmarks.speed._run import failure
from moo._files import write_atomically
from moo.plotting._bars import tick_at

Rows = Mapping[str, Mapping[str, Any]]
COMMAND = "python -m benchmarks run speed"
_INTRODUCTION = (
    "Unless a row says otherwise, ratios are of programs that take turns in one process, on the "
    "same model, data, batch and dtype, with equally many threads: medians of the rounds, with the "
    "least and the most in brackets. Compilation is not in the times of a step, and stands beside "
    "them; in the times of a whole figure or training it is, where the text says so. The page is "
    "made from `rows/*.json`, by `python -m benchmarks run speed --page --out FOLDER`."
)

_FLOORS = (
    "*At its floor*: what the ratio would be, were moo's part nothing but the work that no program "
    "can spare, as its row says: the matrix products of a step, the passes on the rows that a "
    "batch reads, the network without tables and loader."
)
_TINY = " **Tiny grids, which show only that everything runs: no number here means anything.**"


def write_page(rows: Rows, folder: Path) -> Path:
    """Write README.md, values.csv and the figures of a folder; return the page's path."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    parts = [
        "# Speed and memory, beside the peers",
        f"```\n{COMMAND}\n```",
        "\n".join(f"- {name}: {text}" for name, text in _facts(rows).items()),
        _INTRODUCTION + _TINY * any(found.get("small") for found in rows.values()),
        markdown(_bars(rows)),
        *(part for row, found in rows.items() for part in _row(row, found, folder)),
    ]
    write_atomically(folder / "values.csv", _csv(rows).encode())
    return write_atomically(folder / "README.md", ("\n\n".join(parts) + "\n").encode())


def _facts(rows: Rows) -> dict[str, str]:
    known = [found["facts"] for found in rows.values() if "facts" in found]
    facts = {}
    if known:
        first = known[0]
        facts["date"] = max(one["date"] for one in known)
        facts["machine"] = first["machine"]
        facts["device"] = f"{first['device']['platform']}, {first['cores']} cores"
        facts["versions"] = _listed(first["versions"])
        facts["environment variables"] = _listed(first["settings"])
    facts["commit"] = ", ".join(sorted({found.get("commit", "unknown") for found in rows.values()}))
    seconds = sum(found.get("seconds", 0.0) for found in rows.values())
    return facts | {"took": f"{seconds / 60:.0f} minutes"}


def _listed(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in pairs.items()) or "none"


def _bars(rows: Rows) -> Sheet:
    entries = [
        (Entry(v.bar.what), Entry(v.bar.asked), Entry(v.measured),
         Entry(v.verdict), Entry(v.at_floor or "–"), Entry(v.bar.row))
        for v in verdicts(rows, tuple(ROWS))
    ]  # fmt: skip
    columns = ("what", "bar", "measured", "reached", "at its floor", "row")
    return Sheet("bars", "The bars", columns, entries, _FLOORS)


def _row(name: str, found: Mapping[str, Any], folder: Path) -> list[str]:
    heading = f"## {ROWS[name].title}"
    if failure(dict(found)):
        return [heading, f"Not measured: {failure(dict(found))}"]
    return [
        heading,
        *found["notes"],
        *(markdown(_sheet(table)) for table in found["tables"]),
        *(_drawn(curve, folder) for curve in found["curves"]),
    ]


def _sheet(table: Result) -> Sheet:
    rows = [tuple(map(Entry, row)) for row in table["rows"]]
    return Sheet("", table["title"], tuple(table["columns"]), rows)


def _drawn(curve: Result, folder: Path) -> str:
    """Draw one figure and return the Markdown that shows it."""
    with moo.plotting.style():
        figure = Figure(figsize=(4.5, 3), layout="constrained")
        axes = figure.subplots()
        for label, points in curve["lines"].items():
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
        axes.set(xscale="log", yscale="log", xlabel=curve["x"], ylabel=curve["y"])
        tick_at(axes, np.unique([x for points in curve["lines"].values() for x, _ in points]))
        axes.legend(fontsize="small")
        moo.plotting.save(figure, folder / "figures" / f"{curve['name']}.svg")
    return f"![{curve['title']}](figures/{curve['name']}.svg)"


def _csv(rows: Rows) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["row", "value", "measured"])
    for row, found in rows.items():
        for key, value in found.get("values", {}).items():
            writer.writerow([row, key, "" if value is None else f"{value:.6g}"])
    return file.getvalue()
