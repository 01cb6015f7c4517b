"""The results of one sweep as a page for the repository: tables, figures, and the cells' hashes."""

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import moo
from benchmarks.reports import _figures
from benchmarks.reports._compare import Comparison
from benchmarks.reports._leaders import judgements
from benchmarks.reports._read import DataError, Run
from benchmarks.reports._readme import newest, section
from benchmarks.statistics import Verdict
from moo._files import write_atomically

PAGE, CELLS = "README.md", "cells.csv"
_DIGITS = 16  # hexadecimal, of either hash
_SHORT = {
    Verdict.ALL_BETTER: "++", Verdict.SOME_BETTER: "+", Verdict.TRADE_OFF: "±",
    Verdict.NOT_TOLD_APART: "=", Verdict.WORSE: "−",
}  # fmt: skip
_COLUMNS = ("problem", "model", "method", "learning_rate", "seed", "cell", "result")


def write_results(found: Sequence[Comparison], folder: Path, *, date: str | None = None) -> Path:
    """Write what is to be kept of a sweep that is too large to keep.

    Args:
        found: its one comparison.
        folder: where to: `README.md`, `figures/*.svg`, and `cells.csv`, a row a cell with the hash
            of its configuration and that of its `summary.json`, which holds those of its results.
        date: what stands as the date; None takes the day on which the newest cell was begun.

    Returns:
        The page's path.

    Raises:
        DataError: if the cells are of several comparisons.
    """
    if len(found) != 1:
        raise DataError(f"results are of one comparison; these cells make {len(found)}")
    (one,) = found
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    drawn = "\n".join(_drawn(one, folder))
    note = (
        f"`{CELLS}` has a row a cell: the first {_DIGITS} digits of the sha256 of its "
        f"configuration and of its `summary.json`, in which the hashes of its files stand."
    )
    text = section(one, date or newest(one)).replace("## ", "# ", 1)
    page = f"{text}\n\n{_verdicts(one)}\n**Figures**\n\n{drawn}\n**Cells**\n\n{note}\n"
    write_atomically(folder / CELLS, _cells(one).encode())
    return write_atomically(folder / PAGE, page.encode())


def _verdicts(found: Comparison) -> str:
    """Return the verdict on every method on every problem as a Markdown table; "" without any."""
    judged = judgements(found)
    if judged is None:
        return ""
    lines = [
        "**Verdicts by problem**\n",
        f"| {found.heading} | {' | '.join(judged)} |",
        "|:--" * (1 + len(judged)) + "|",
    ]
    for i, method in enumerate(found.methods):
        if i != found.baseline:
            words = [_SHORT[verdict] for on in judged.values() if (verdict := on[method])]
            lines.append(f"| {found.label(method)} | {' | '.join(words)} |")
    said = "; ".join(f"{short}: {verdict}" for verdict, short in _SHORT.items())
    return "\n".join([*lines, "", f"{said}.", ""])


def _drawn(found: Comparison, folder: Path) -> list[str]:
    """Save the figures and return their lines of the page."""
    made = _figures.drawings(found)
    lines = [f"{line}\n" for line in _figures.left_out(found, made)]
    for drawing in made:
        name = f"figures/{drawing.name}.svg"
        moo.plotting.save(drawing.figure, folder / name)
        lines.append(f"![{drawing.name.replace('_', ' ')}]({name})\n\n{drawing.caption}\n")
    return lines


def _cells(found: Comparison) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows(sorted(map(_row, found.runs)))
    return text.getvalue()


def _row(run: Run) -> tuple[str, str, str, float, int, str, str]:
    cell = run.cell
    result = hashlib.sha256((run.path / "summary.json").read_bytes()).hexdigest()
    return (
        cell.problem, cell.model or "", cell.method, cell.learning_rate, cell.seed,
        cell.address[:_DIGITS], result[:_DIGITS],
    )  # fmt: skip
