from dataclasses import replace

import pytest

from benchmarks import reports
from tests.benchmarks.reports.cells import CELL, GAPS, START, write_cell


def test_every_cell_is_verified_and_the_rest_listed(root):
    damaged = root / "cells" / CELL.address
    content = (damaged / "metrics.jsonl").read_bytes()
    (damaged / "metrics.jsonl").write_bytes(content.replace(b"8.0", b"9.0"))
    unfinished = write_cell(root, replace(CELL, seed=9), 1.0, finish=False)
    stored = reports.read(root)
    assert len(stored.runs) == sum(map(len, GAPS.values())) - 1
    assert stored.unfinished == [unfinished.name]
    fault = "metrics.jsonl is damaged: its sha256 does not hold"
    assert stored.damaged == [(CELL.address, fault)]


def test_a_run_is_what_its_files_say(tmp_path):
    path = write_cell(tmp_path, CELL, 2.0, test={"gap": 3.0})
    (run,) = reports.read(tmp_path).runs
    assert (run.cell, run.path, run.failed, run.reason) == (CELL, path, False, "")
    assert run.final["gap"] == 2.0
    assert run.test() == {"gap": 3.0}
    assert [row["gap"] for row in run.rows()] == [START, 5.0, 2.0]
    assert [entry["event"] for entry in run.times()] == ["compile", "run", "end"]
    assert "config" not in run.environment


def test_a_folder_without_cells_is_refused(tmp_path):
    with pytest.raises(reports.DataError, match="holds no cells"):
        reports.read(tmp_path)


def test_seeds_by_which_something_was_chosen_can_be_left_out(root, suite_file):
    left = reports.read(root, first_seed=2)
    assert [run.cell.seed for run in left.runs] == [2] * 4
    (found,) = reports.comparisons(left, suite_file)
    assert found.notes[0] == "seeds below 2 are left out"
    assert found.expected is None
    with pytest.raises(reports.DataError, match="no cell of seed 3 or later is finished"):
        reports.comparisons(reports.read(root, first_seed=3), suite_file)
