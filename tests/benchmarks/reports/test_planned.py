import pytest

from benchmarks import reports
from benchmarks.reports import _facts
from benchmarks.reports._planned import scale_of
from benchmarks.runner import cells, load_suite
from tests.benchmarks.reports.cells import SUITE, write_cell

RATES = (
    SUITE
    + """
[learning_rate]
kind = "log_uniform"
low = 0.01
high = 1.0
default = 0.1
"""
)


def write_plan(root, file, trials=None, skip=lambda cell: False):
    """Write the cells of a suite's only scale, all but some."""
    for cell in cells(load_suite(str(file)), "small", trials=trials):
        if not skip(cell):
            write_cell(root, cell, 1.0)


@pytest.mark.parametrize(
    ("rates", "trials", "said", "count"),
    [("[0.1]", None, None, 12), ("[0.1]", 1, None, 12), ("[0.1]", 4, 4, 48),
     ("[0.1, 0.2]", None, None, 24), ("[0.2]", 1, 1, 12), ("[0.1, 0.2]", 4, 4, 48)],
)  # fmt: skip
def test_trials_in_place_of_a_scale_s_learning_rates_are_said(tmp_path, rates, trials, said, count):
    file = tmp_path / "tiny.toml"
    file.write_text(RATES.replace("[0.1]", rates))
    write_plan(tmp_path / "s", file, trials)
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), str(file))
    assert (found.trials, found.finished, found.expected) == (said, count, count)
    assert ("--trials" in _facts.command(found)) == (said is not None)


def test_learning_rates_that_are_not_finished_are_no_other_trials(tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(RATES.replace("[0.1]", "[0.1, 0.2]"))
    write_plan(tmp_path / "s", file, skip=lambda cell: cell.learning_rate == 0.2)
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), str(file))
    assert (found.trials, found.finished, found.expected) == (None, 12, 24)


def test_of_scales_with_the_same_settings_the_least_that_plans_all_is_said(tmp_path):
    file = tmp_path / "tiny.toml"
    small = RATES[RATES.index("[scales.small]") :].split("\n[")[0]
    more = small.replace("[scales.small]", "[scales.full]").replace('["zdt1"', '["zdt3", "zdt1"')
    file.write_text(RATES + "\n" + more + "\n")
    suite = load_suite(str(file))
    for scale in ("small", "full"):
        assert scale_of(suite, cells(suite, scale)) == scale
    assert len(cells(suite, "full")) > len(cells(suite, "small"))
