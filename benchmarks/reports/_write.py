"""A report on disk: one HTML page, PDF figures and LaTeX tables."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.reports import _drawing, _facts, _figures, _html, _layers, _structures
from benchmarks.reports._appendix import appendix
from benchmarks.reports._budget import time_sheet
from benchmarks.reports._compare import Comparison
from benchmarks.reports._data_sets import data_sets
from benchmarks.reports._gain import gain_sheet
from benchmarks.reports._latex import latex
from benchmarks.reports._leaders import leaderboard, verdict_sheet
from benchmarks.reports._links import prefix
from benchmarks.reports._problems import problem_sheets
from benchmarks.reports._read import Stored
from benchmarks.reports._screening import screening_sheets
from benchmarks.reports._sheet import Sheet
from moo._files import write_atomically

PAGE = "report.html"


def write_report(
    stored: Stored, comparisons: Sequence[Comparison], out: Path, *, times: bool = True
) -> Path:
    """Write a report of stored cells.

    The same cells give the same bytes, whenever and wherever it is written, but for what a clock
    said when they ran: the section "Times" of the page and the tables `*_times.tex`. Without
    `times` these are left out, and the reports of a sweep that was killed and resumed and of one
    that ran through do not differ in a bit. Pictures of chosen molecules are left out, with a
    sentence, where the data set or RDKit is missing.

    Args:
        stored: what `read` returned.
        comparisons: of these cells.
        out: the folder to write to: `report.html`, `figures/*.pdf` and `*.svg`, `tables/*.tex`.
        times: whether to show seconds.

    Returns:
        The page.
    """
    for folder in (out / "figures", out / "tables"):
        folder.mkdir(parents=True, exist_ok=True)
    names = ", ".join(sorted({found.suite.name for found in comparisons}))
    body = _html.warning(_facts.faults(stored))
    for found in comparisons:
        body += _section(found, out, times=times)
    page = _html.page(f"Benchmarks: {names}", body)
    return write_atomically(out / PAGE, page.encode())


def leaderboards(found: Comparison) -> list[Sheet]:
    """Return the leaderboard of every metric, verdicts, Delta-m, layers, and screenings."""
    boards = (leaderboard(found, scores) for scores in found.scores)
    others = verdict_sheet(found), gain_sheet(found), _layers.sheet(found)
    sheets = [*boards, *others, *screening_sheets(found)]
    return [sheet for sheet in sheets if sheet is not None]


def _section(found: Comparison, out: Path, *, times: bool) -> str:
    """Write the files of one comparison, and return its part of the page."""
    heading = f'<h2 id="{prefix(found)}">{_facts.title(found)}</h2>\n'
    parts = [heading, _html.warning(_facts.warnings(found)), _html.facts(_facts.facts(found))]
    if described := data_sets(found):
        parts += ["<h3>Data sets</h3>\n", _html.facts(described)]
    if found.scores:
        parts.append("<h3>Leaderboards</h3>\n")
        parts += [_table(found, sheet, out) for sheet in leaderboards(found)]
        parts.append("<h3>Figures</h3>\n")
        made, (structures, undrawn) = _figures.drawings(found), _structures.drawings(found)
        parts.append(_html.warning([*_figures.left_out(found, made), *undrawn]))
        parts += [_figure(found, drawing, out) for drawing in (*made, *structures)]
        parts.append("<h3>Problems</h3>\n")
        for sheet in problem_sheets(found):
            parts.append(_html.folded(sheet.title, _table(found, sheet, out)))
    if times:
        parts += ["<h3>Times</h3>\n", _table(found, time_sheet(found), out)]
    parts += ["<h3>Cells</h3>\n", appendix(found)]
    return f"<section>{''.join(parts)}</section>\n"


def _table(found: Comparison, sheet: Sheet, out: Path) -> str:
    write_atomically(out / "tables" / f"{_stem(found, sheet.name)}.tex", latex(sheet).encode())
    return _html.table(sheet)


def _figure(found: Comparison, drawing: _drawing.Drawing, out: Path) -> str:
    svg = _drawing.save(drawing, out / "figures", _stem(found, drawing.name))
    return _html.figure(svg, drawing.caption)


def _stem(found: Comparison, name: str) -> str:
    safe = "".join(c if c.isalnum() or c in "_-" else "-" for c in name)
    return f"{prefix(found)}_{safe}"
