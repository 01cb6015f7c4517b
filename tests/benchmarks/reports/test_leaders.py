import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._leaders import _anchor_words, judgements, leaderboard, verdict_sheet
from benchmarks.statistics import Verdict
from tests.benchmarks.reports.cells import GAPS, START, SUITE, write_sweep


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


@pytest.mark.parametrize(
    ("problems", "seeds", "words"),
    [(1, 1, "1 problem × 1 seed; "), (2, 1, "2 problems × 1 seed; "),
     (1, 2, "which are too short for one problem and fewer than ten seeds; "),
     (1, 10, "95% bootstrap intervals over seeds; "),
     (2, 2, "95% bootstrap intervals over seeds; ")],
)  # fmt: skip
def test_the_note_says_what_intervals_are_worth(tmp_path, suite_file, problems, seeds, words):
    gaps = {("mean", f"zdt{1 + i}"): [1.0 + s for s in range(seeds)] for i in range(problems)}
    write_sweep(tmp_path / "s", gaps)
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    sheet = leaderboard(found, found.scores[0])
    assert words in sheet.note
    assert ("in brackets" in sheet.note) == ("[" in sheet.rows[0][1].text) == (seeds > 1)


@pytest.mark.parametrize(
    ("worst", "words"),
    [("", "a failed run has the worst score of its problem; "),
     ("worst = 9.0\n", "a failed run has a gap of 9; ")],
)  # fmt: skip
def test_the_note_says_what_a_failed_run_scores(root, tmp_path, worst, words):
    file = tmp_path / "tiny.toml"
    file.write_text(SUITE.replace("margin = 0.01\n", f"margin = 0.01\n{worst}"))
    (found,) = reports.comparisons(reports.read(root), str(file))
    assert words in leaderboard(found, found.scores[0]).note


def test_a_front_is_called_no_more_exact_than_it_is():
    assert _anchor_words("volume", "front") == (
        "the volume of the problem's front, as exactly as it is known"
    )


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


def test_the_note_says_which_problems_have_verdicts(tmp_path, suite_file):
    write_sweep(tmp_path / "s", {pair: GAPS[pair] for pair in GAPS if pair[1] == "zdt1"})
    write_sweep(tmp_path / "s", {pair: GAPS[pair] for pair in GAPS if pair[1] == "zdt2"},
                more={"gap": None})  # fmt: skip
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    assert verdict_sheet(found).note.startswith(
        "Problems with gap by verdict against mean, on all of gap (margin 0.01) that a problem has;"
    )


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
