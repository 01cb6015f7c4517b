import math

import pytest
from scipy import stats

from benchmarks.report import Section, write_report
from benchmarks.tables import Budget, Table, metric_row, spread, write_csv


def test_spread_is_the_t_interval_of_the_seeds():
    half = stats.t.ppf(0.975, 2) * math.sqrt(1.0 / 3)
    assert spread([1.0, 2.0, 3.0]) == f"2.0000 ± {half:.4f}"


def test_failed_seeds_are_counted_not_dropped():
    assert spread([0.5, float("nan"), 0.7]) == "1 of 3 failed"


@pytest.mark.parametrize(("method", "passes"), [("mean", 100), ("mgda", 200), ("famo", 100)])
def test_the_budget_counts_backward_passes(method, passes):
    assert Budget.of(method, 100, 2, 1.0).backward_passes == passes


def test_rows_end_in_their_budget():
    row = metric_row(("auc",), [{"auc": 0.5}], Budget(1_000, 2_000, 1.25))
    assert row == ("0.5000", "1,000", "2,000", "1.2")


def test_csv_and_report_escape_what_they_are_given(tmp_path):
    table = Table("a < b", ("name", "x_y"), [("<b>", "1,5")], "note & more")
    write_csv(table, tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text().splitlines() == ["name,x_y", '<b>,"1,5"']
    write_report(tmp_path / "r.html", "t", {"k": "<v>"}, [Section("s", "text", [], [table])])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "a &lt; b" in page
    assert "<b>" not in page
