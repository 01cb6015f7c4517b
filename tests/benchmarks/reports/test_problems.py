import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._problems import not_told_from_best, problem_sheets
from benchmarks.statistics import holm, paired_t
from tests.benchmarks.reports.cells import write_sweep

SEEDS = [1.0, 1.2, 0.8, 1.2]


@pytest.fixture
def bold(tmp_path, suite_file):
    """Four methods on one problem: one is far off, one near with noise, one failed once."""
    gaps = {
        "mean": SEEDS,
        "mgda": [gap + 3.0 + 0.01 * i for i, gap in enumerate(SEEDS)],
        "pcgrad": [1.3, 0.9, 1.2, 1.0],
        "cagrad": [0.1, None, 0.1, 0.1],
    }
    write_sweep(tmp_path / "s", {(method, "zdt1"): values for method, values in gaps.items()})
    return reports.comparisons(reports.read(tmp_path / "s"), suite_file)[0]


def test_bold_is_what_is_not_told_apart_from_the_best(bold):
    found = dict(zip(bold.methods, not_told_from_best(bold, bold.scores[0], 0), strict=True))
    assert found == {"mean": True, "mgda": False, "pcgrad": True, "cagrad": False}


def test_the_tests_are_paired_and_corrected_over_methods(bold):
    raw = dict(zip(bold.methods, bold.scores[0].raw[:, 0], strict=True))
    filled = np.nan_to_num(raw["cagrad"], nan=np.nanmax(bold.scores[0].raw))
    others = [filled, raw["mgda"], raw["pcgrad"]]
    adjusted = holm([paired_t(raw["mean"] - other) for other in others])
    assert adjusted[1] < 0.05 < adjusted[2]


def test_a_problem_s_table_shows_mean_and_interval(bold):
    (sheet,) = problem_sheets(bold)
    assert sheet.columns == ("method", "gap ↓", "against mean")
    assert [row[0].text for row in sheet.rows] == ["mean", "pcgrad", "mgda", "cagrad"]
    half = 3.182446305284263 * np.std(SEEDS, ddof=1) / 2  # Student's t, 3 degrees of freedom
    assert sheet.rows[0][1].text == f"1.05 ± {half:.2f}"
    assert sheet.rows[0][1].best
    assert sheet.rows[3][1].text == "1 of 4 failed"
    assert sheet.rows[3][2].text == "worse"
    assert sheet.rows[0][2].text == "–"


def test_one_seed_makes_only_the_best_bold(tmp_path, suite_file):
    write_sweep(tmp_path / "s", {("mean", "zdt1"): [2.0], ("mgda", "zdt1"): [1.0]})
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    assert not_told_from_best(found, found.scores[0], 0).tolist() == [False, True]
