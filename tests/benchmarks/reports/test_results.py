import csv
import hashlib

import pytest

from benchmarks import reports
from benchmarks.reports._leaders import judgements


def test_a_sweep_is_kept_as_a_page_its_figures_and_the_hashes_of_its_cells(found, tmp_path):
    page = reports.write_results([found], tmp_path / "kept", date="2030-01-02")
    text = page.read_text()
    assert text.startswith("# tiny, scale small: adam, 10 steps, 2 methods, 3 seeds")
    assert "python -m benchmarks run tiny.toml --scale small\n" in text
    assert "| mgda | 0.756 [" in text
    assert "Mean paired differences" in text
    assert "| method | zdt1 | zdt2 |" in text
    judged = judgements(found)
    (row,) = (line for line in text.splitlines() if line.startswith("| mgda | ") and "[" not in line
              and line.count("|") == 4)  # fmt: skip
    marks = {"++": "all objectives better", "+": "some better and none worse", "±": "trade-off",
             "=": "not told apart", "−": "worse"}  # fmt: skip
    said = [marks[mark] for mark in row.strip("| ").split(" | ")[1:]]
    assert said == [str(judged[problem]["mgda"]) for problem in ("zdt1", "zdt2")]
    drawn = sorted(path.name for path in (tmp_path / "kept" / "figures").glob("*.svg"))
    assert drawn
    assert all(f"](figures/{name})" in text for name in drawn)
    with (tmp_path / "kept" / "cells.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(found.runs)
    runs = {run.cell.address[:16]: run for run in found.runs}
    for row in rows:
        run = runs[row["cell"]]
        summary = (run.path / "summary.json").read_bytes()
        assert row["result"] == hashlib.sha256(summary).hexdigest()[:16]
        assert (row["problem"], int(row["seed"])) == (run.cell.problem, run.cell.seed)
    assert str(tmp_path) not in text


def test_cells_that_do_not_compare_are_refused(found, tmp_path):
    with pytest.raises(reports.DataError, match="these cells make 2"):
        reports.write_results([found, found], tmp_path)
