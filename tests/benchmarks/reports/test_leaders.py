import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._leaders import judgements, leaderboard, verdict_sheet
from benchmarks.statistics import Verdict
from tests.benchmarks.reports.cells import START, write_sweep


def column(sheet, name):
    at = sheet.columns.index(name)
    return {row[0].text: row[at] for row in sheet.rows}


def test_the_leaderboard_is_arithmetic_on_the_cells(found):
    sheet = leaderboard(found, found.scores[0])
    assert [row[0].text for row in sheet.rows] == ["mgda", "mean"]  # best first
    # Of six runs one is cut at either end; the run that failed has zdt2's worst gap, 2.
    middle = {"mean": [4.0, 3.6, 1.2, 1.0], "mgda": [2.0, 2.0, 2.0, 1.8]}
    expected = {
        method: np.mean([1 - gap / START for gap in gaps]) for method, gaps in middle.items()
    }
    shown = column(sheet, "interquartile mean")
    for method in ("mean", "mgda"):
        assert shown[method].key == pytest.approx(expected[method], rel=1e-12)
    assert {m: e.key for m, e in column(sheet, "mean rank").items()} == {"mean": 1.5, "mgda": 1.5}
    # mgda wins all nine pairs of zdt1 and none of zdt2.
    chance = column(sheet, "P(better than mean)")
    assert chance["mgda"].key == 0.5
    assert chance["mean"].text == "–"
    assert {m: e.text for m, e in column(sheet, "failed").items()} == {
        "mean": "0 of 6", "mgda": "1 of 6",
    }  # fmt: skip
    assert {m: e.text for m, e in column(sheet, "passes a step").items()} == {
        "mean": "1", "mgda": "m",
    }  # fmt: skip
    assert {m: e.key for m, e in column(sheet, "passes a run").items()} == {
        "mean": 10.0, "mgda": 20.0,
    }  # fmt: skip


def test_intervals_stand_in_brackets_and_the_anchors_in_the_note(found):
    sheet = leaderboard(found, found.scores[0])
    entry = column(sheet, "interquartile mean")["mean"]
    assert entry.text.startswith(f"{entry.key:.3f} [")
    assert "0 is the gap of the start; 1 is a gap of 0;" in sheet.note
    assert "2 problems × 3 seeds" in sheet.note


def test_verdicts_are_counted_over_problems(found):
    judged = judgements(found)
    # zdt1: 2 better on every seed. zdt2: fails more often than the baseline.
    assert judged["zdt1"]["mgda"] is Verdict.ALL_BETTER
    assert judged["zdt2"]["mgda"] is Verdict.WORSE
    assert judged["zdt1"]["mean"] is None
    sheet = verdict_sheet(found)
    (row,) = sheet.rows
    counts = dict(zip(sheet.columns, (entry.text for entry in row), strict=True))
    assert counts == {
        "method": "mgda", "all better": "1", "some better, none worse": "0", "trade-off": "0",
        "not told apart": "0", "worse": "1",
    }  # fmt: skip


def test_without_the_baseline_there_are_no_verdicts(tmp_path, suite_file):
    write_sweep(tmp_path / "s", {("mgda", "zdt1"): [1.0, 2.0], ("pcgrad", "zdt1"): [1.0, 2.0]})
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    assert verdict_sheet(found) is None
    assert "P(better than mean)" not in leaderboard(found, found.scores[0]).columns


def test_one_method_alone_has_a_leaderboard(tmp_path, suite_file):
    write_sweep(tmp_path / "s", {("mean", "zdt1"): [1.0, 2.0]})
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    assert verdict_sheet(found) is None
    (row,) = leaderboard(found, found.scores[0]).rows
    assert row[1].key == pytest.approx(1 - 1.5 / START)
