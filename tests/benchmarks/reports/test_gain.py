from dataclasses import replace

import pytest

from benchmarks import reports
from benchmarks.reports._gain import gain_sheet
from benchmarks.runner import UsageError
from tests.benchmarks.reports.cells import SUITE, write_sweep

GAPS = {("mean", "zdt1"): [2.0, 2.0], ("mgda", "zdt1"): [1.0, 1.0],
        ("mean", "zdt2"): [4.0, 4.0], ("mgda", "zdt2"): [5.0, 5.0]}  # fmt: skip


def compare(tmp_path, line, gaps=GAPS):
    (tmp_path / "tiny.toml").write_text(
        SUITE.replace('baseline = "mean"', f'baseline = "mean"{line}')
    )
    write_sweep(tmp_path / "s", gaps)
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), str(tmp_path / "tiny.toml"))
    return found


def test_changes_are_averaged_over_problems_and_named(tmp_path):
    sheet = gain_sheet(compare(tmp_path, '\ndelta_m = ["gap"]'))
    # Half the gap on one problem, a quarter more on the other: (-50 + 25) / 2 percent.
    assert [(row[0].text, row[1].key) for row in sheet.rows] == [("mgda", -12.5), ("mean", 0.0)]
    assert "A positive number is a loss, lower is better" in sheet.note
    assert "not against single-task models, over 2 metrics and problems" in sheet.note


def test_a_failed_run_has_the_worst_score_and_a_baseline_that_always_failed_decides_nothing(
    tmp_path,
):
    gaps = GAPS | {("mgda", "zdt1"): [None, 1.0], ("mean", "zdt2"): [None, None]}
    found = compare(tmp_path, '\ndelta_m = ["gap"]', gaps)
    # The worst gap on zdt1 is 2, that of mean, so mgda has (2 + 1) / 2 there: a quarter less.
    first = gain_sheet(found).rows[0]
    assert (first[0].text, first[1].key) == ("mgda", -25.0)


def test_without_listed_metrics_or_baseline_there_is_none(tmp_path):
    found = compare(tmp_path, "")
    assert gain_sheet(found) is None
    listed = replace(found.suite.protocol, delta_m=("gap",))
    other = replace(found, suite=replace(found.suite, protocol=replace(listed, baseline="sum")))
    assert gain_sheet(other) is None


def test_a_name_that_is_no_metric_is_refused(tmp_path):
    with pytest.raises(UsageError, match="delta_m"):
        compare(tmp_path, '\ndelta_m = ["gop"]')
