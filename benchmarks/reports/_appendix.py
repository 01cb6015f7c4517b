"""The appendix: every cell with its hash, its configuration and what became of it."""

import html
from itertools import groupby

from benchmarks.reports._compare import Comparison
from benchmarks.reports._grid import Tried
from benchmarks.reports._links import cells_link, method_link
from benchmarks.reports._read import Run
from benchmarks.runner._cell import canonical

_COLUMNS = ("problem", "seed", "learning rate", "options", "trial", "status", "judged at step",
            "sha256")  # fmt: skip
_ONLY, _CHOSEN, _OUT, _TEST = "only", "chosen", "left out", "test "


def appendix(found: Comparison) -> str:
    """Return the HTML of all finished cells, a table a method, a body a problem."""
    pairs = sorted(found.tried.items())
    return "".join(
        _method(found, method, [(problem, tried) for (_, problem), tried in entries])
        for method, entries in groupby(pairs, key=lambda pair: pair[0][0])
    )


def _method(found: Comparison, method: str, entries: list[tuple[str, Tried]]) -> str:
    columns = [*_COLUMNS, *(name for name, _ in _numbers(found))]
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    bodies = "".join(_body(found, method, problem, tried) for problem, tried in entries)
    anchor = html.escape(method_link(found, method))
    return (
        f'<h4 id="{anchor}">{html.escape(found.label(method))}</h4><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead>{bodies}</table></div>\n"
    )


def _body(found: Comparison, method: str, problem: str, tried: Tried) -> str:
    compared = method in found.methods and problem in found.problems
    rows = "".join(
        _row(found, run, problem, _role(tried, index, seed) if compared else _OUT)
        for index, trial in enumerate(tried.trials)
        for seed, run in enumerate(trial)
    )
    return f'<tbody id="{html.escape(cells_link(found, method, problem))}">\n{rows}</tbody>'


def _role(tried: Tried, index: int, seed: int) -> str:
    if len(tried.trials) == 1:
        return _ONLY
    return _CHOSEN if index == tried.chosen[seed] else "not chosen"


def _row(found: Comparison, run: Run, problem: str, role: str) -> str:
    cell, status = run.cell, f"failed: {run.reason}" if run.failed else "done"
    options = canonical(cell.options) if cell.options else ""
    step = str(run.final.get("step", cell.steps))
    texts = [problem, str(cell.seed), repr(cell.learning_rate), options, role, status, step]
    entries = "".join(f"<td>{html.escape(text)}</td>" for text in texts)
    # Its first 16 digits name a cell; all of them are there to be copied.
    digest = f'<td title="{cell.address}">{cell.address[:16]}</td>'
    test = run.test() if found.on_test and role in (_ONLY, _CHOSEN) else None
    numbers = [((test or {}) if of_test else run.final).get(name.removeprefix(_TEST))
               for name, of_test in _numbers(found)]  # fmt: skip
    shown = "".join(f"<td>{'' if value is None else f'{value:.6g}'}</td>" for value in numbers)
    return f'<tr id="{cell.address[:16]}">{entries}{digest}{shown}</tr>\n'


def _numbers(found: Comparison) -> list[tuple[str, bool]]:
    """Return headings of metrics, and whether they are of test data."""
    names = [metric.name for metric in found.rules.metrics]
    tests = [(f"{_TEST}{name}", True) for name in names] if found.on_test else []
    return [*((name, False) for name in names), *tests]
