"""The page of results in the repository: leaderboards of several sweeps, generated."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.reports import _facts
from benchmarks.reports._budget import time_sheet
from benchmarks.reports._compare import Comparison
from benchmarks.reports._data_sets import data_sets
from benchmarks.reports._markdown import markdown
from benchmarks.reports._read import DataError
from benchmarks.reports._write import leaderboards
from moo._files import write_atomically

README = Path(__file__).parents[1] / "README.md"

_HEAD = """# Benchmarks

This page is generated from stored cells by `python -m benchmarks report --readme FOLDER ...`; no
number in it is typed. `python -m benchmarks report FOLDER` makes the whole report of a sweep: an
HTML page with figures, a table a problem and the hash of every cell, PDF figures and LaTeX tables.
Budgets are those of the headings. Where they are backward passes, a method that needs one a step
takes as many times the steps of a method that needs one an objective as there are objectives. Every
method gets equally many trials of its hyper-parameters and the learning rate; those of linear
scalarisation are its weights. Scales are small, and settle nothing beyond them.
"""


def write_readme(
    found: Sequence[Comparison], path: Path | None = None, *, date: str | None = None
) -> Path:
    """Write the leaderboards of comparisons as Markdown.

    Sections of other sweeps that the page has already are kept, so that a suite can be run again
    by itself: a section is known by its command, or by its heading where it has none.

    Args:
        found: comparisons, of any number of sweeps.
        path: the page; None takes that of the repository.
        date: what stands as the date of all of them; None takes the day on which the newest cell
            of each was begun.

    Returns:
        The page's path.

    Raises:
        DataError: if two comparisons have the same command, as of other settings.
    """
    page = path or README
    parts = _sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    fresh = [_sections(section(one, date or newest(one))) for one in found]
    names = [name for one in fresh for name in one]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"two comparisons would be one section: {', '.join(twice)}")
    for one in fresh:
        parts |= one
    return write_atomically(page, "\n".join([_HEAD, *parts.values()]).encode())


def _sections(page: str) -> dict[str, str]:
    """Return the sections of a page by the command that makes them, or by their heading."""
    parts = [part.rstrip() + "\n" for part in re.split(r"^(?=## )", page, flags=re.M)]
    known = {}
    for part in parts:
        if part.startswith("## "):
            command = re.search(r"^```\n(.+)\n```$", part, flags=re.M)
            known[command[1] if command else part.partition("\n")[0]] = part
    return known


def newest(found: Comparison) -> str:
    """Return the day, in UTC, on which the newest cell's environment was written."""
    seconds = max((run.path / "env.json").stat().st_mtime for run in found.runs)
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def section(found: Comparison, date: str) -> str:
    """Return the Markdown of a comparison: its command, its facts, and its tables."""
    entries = {"date": date, **dict(_facts.facts(found))}
    command = entries.pop("command", "")
    lines = [f"- {name}: {value}" for name, value in entries.items()]
    lines += [f"- data set {name}: {text}" for name, text in data_sets(found)]
    lines += [f"- **note**: {line}" for line in _facts.warnings(found)]
    run = f"```\n{command}\n```\n\n" if command else ""
    listed = run + "\n".join(lines) + "\n"
    sheets = [*leaderboards(found), time_sheet(found)] if found.scores else []
    return "\n".join([f"## {_facts.title(found)}\n", listed, *map(markdown, sheets)])
