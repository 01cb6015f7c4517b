from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports import _budget, _facts
from benchmarks.runner import UsageError
from tests.benchmarks.reports.cells import CELL, GAPS, START, SUITE, write_cell, write_sweep


def compare(root, suite_file):
    return reports.comparisons(reports.read(root), suite_file)


def test_scores_are_methods_by_problems_by_seeds(found):
    assert found.methods == ("mean", "mgda")
    assert found.problems == ("zdt1", "zdt2")
    assert found.seeds == (0, 1, 2)
    (scores,) = found.scores
    raw = np.array([[GAPS[m, p] for p in found.problems] for m in found.methods], np.float64)
    np.testing.assert_array_equal(scores.raw, raw)
    np.testing.assert_allclose(scores.values, (START - raw) / START, rtol=1e-15)
    assert scores.higher_is_better
    assert not found.on_test
    assert (found.scale, found.finished, found.expected) == ("small", 12, 12)
    assert found.notes == ()


def test_cells_of_other_settings_are_never_mixed(root, suite_file):
    longer = {(m, p): replace(CELL, method=m, problem=p, steps=20) for m, p in GAPS}
    for cell in longer.values():
        write_cell(root, cell, 0.5)
    one, two = compare(root, suite_file)
    assert (one.shared["steps"], two.shared["steps"]) == (10, 20)
    assert (one.scale, two.scale) == ("small", "")
    assert (one.scores[0].raw.shape, two.scores[0].raw.shape) == ((2, 2, 3), (2, 2, 1))


def test_what_is_not_finished_is_left_out_and_said(root, suite_file):
    write_sweep(root, {("cagrad", "zdt1"): [1.0]})
    write_sweep(root, {("mean", "zdt3"): [1.0, 1.0, 1.0]})
    (found,) = compare(root, suite_file)
    assert found.methods == ("mean", "mgda")
    assert found.problems == ("zdt1", "zdt2")
    assert found.notes == (
        "not finished, so left out of all comparisons: methods cagrad",
        "not finished, so left out of all comparisons: problems zdt3",
    )
    assert (found.finished, found.expected) == (16, 18)
    assert ("cagrad", "zdt1") in found.tried


def test_a_metric_that_is_not_measured_leaves_the_problem_out(tmp_path, suite_file):
    gaps = {pair: values for pair, values in GAPS.items() if pair != ("mgda", "zdt1")}
    write_sweep(tmp_path / "s", gaps)
    for seed in range(3):
        cell = replace(CELL, method="mgda", seed=seed)
        write_cell(tmp_path / "s", cell, 1.0, more={"gap": None})
    (found,) = compare(tmp_path / "s", suite_file)
    assert found.scores[0].problems == ("zdt2",)
    assert found.notes == ("gap is not compared on: zdt1",)


def test_a_problem_on_which_all_runs_failed_is_left_out(tmp_path, suite_file):
    write_sweep(tmp_path / "s", {pair: [None] * 3 for pair in GAPS if pair[1] == "zdt1"})
    write_sweep(tmp_path / "s", {pair: GAPS[pair] for pair in GAPS if pair[1] == "zdt2"})
    (found,) = compare(tmp_path / "s", suite_file)
    assert found.scores[0].problems == ("zdt2",)


@pytest.fixture
def tuned(tmp_path):
    """Two trials a method: on validation the second is better, on test the first."""
    for method in ("mean", "mgda"):
        for rate, gap, test in ((0.1, 3.0, 1.0), (0.2, 2.0, 5.0)):
            for seed in range(2):
                cell = replace(CELL, method=method, learning_rate=rate, seed=seed)
                write_cell(tmp_path / "t", cell, gap + seed, test={"gap": test + seed})
    return tmp_path / "t"


def test_the_trial_is_chosen_on_validation_and_only_it_is_looked_at(tuned, suite_file, monkeypatch):
    looked = []
    test = reports.Run.test
    monkeypatch.setattr(reports.Run, "test", lambda run: looked.append(run.cell) or test(run))
    (found,) = compare(tuned, suite_file)
    assert {cell.learning_rate for cell in looked} == {0.2}
    assert len(looked) == 4
    assert found.on_test
    assert found.scores[0].raw.tolist() == [[[5.0, 6.0]], [[5.0, 6.0]]]
    assert found.tried["mgda", "zdt1"].chosen == (1, 1)


def test_unequal_numbers_of_trials_are_said(tuned, suite_file):
    for seed in range(2):
        cell = replace(CELL, method="pcgrad", seed=seed)
        write_cell(tuned, cell, 1.0, test={"gap": 1.0})
    (found,) = compare(tuned, suite_file)
    (note,) = found.notes
    assert note.startswith("unequal numbers of trials")
    assert note.endswith("1 but mean 2, mgda 2")


def test_a_trial_that_is_not_finished_leaves_its_problem_out(tuned, suite_file):
    for seed in range(2):
        for rate in (0.1, 0.2):
            for method in ("mean", "mgda"):
                cell = replace(CELL, method=method, problem="zdt2", learning_rate=rate, seed=seed)
                if cell.seed == 0 or rate == 0.1 or method == "mean":
                    write_cell(tuned, cell, 1.0, test={"gap": 1.0})
    (found,) = compare(tuned, suite_file)
    assert found.problems == ("zdt1",)


def test_models_and_options_tell_data_sets_apart(tmp_path, suite_file):
    write_cell(tmp_path / "s", replace(CELL, model="mmoe"), 1.0)
    write_cell(tmp_path / "s", replace(CELL, model="esmm"), 1.0)
    write_cell(tmp_path / "s", replace(CELL, problem="b", problem_options={"n": 1}), 1.0)
    write_cell(tmp_path / "s", replace(CELL, problem="b", problem_options={"n": 2}), 1.0)
    (found,) = compare(tmp_path / "s", suite_file)
    assert found.problems == ('b {"n":1}', 'b {"n":2}', "zdt1 / esmm", "zdt1 / mmoe")


def test_what_cannot_be_compared_is_refused(root, tmp_path, suite_file):
    stored = reports.read(root)
    with pytest.raises(UsageError, match="unknown suite 'tiny'"):
        reports.comparisons(stored)
    other = tmp_path / "other.toml"
    other.write_text(SUITE)
    with pytest.raises(UsageError, match="are of suite tiny, not of other"):
        reports.comparisons(stored, str(other))
    bare = tmp_path / "bare" / "tiny.toml"
    bare.parent.mkdir()
    bare.write_text(SUITE[: SUITE.index("[protocol]")] + SUITE[SUITE.index("[scales") :])
    with pytest.raises(reports.DataError, match="no \\[protocol\\]"):
        reports.comparisons(stored, str(bare))
    with pytest.raises(reports.DataError, match="no cell is finished"):
        reports.comparisons(stored._replace(runs=[]), suite_file)


BUDGET = (
    SUITE.replace("steps = 10\n", "passes = 5\n").replace("learning_rates = [0.1]\n", "")
    + """
trials = 3
[learning_rate]
kind = "log_uniform"
low = 0.01
high = 1.0
default = 0.1
"""
)


def test_runs_of_equal_budgets_are_compared_whatever_their_steps(tmp_path):
    (tmp_path / "tiny.toml").write_text(BUDGET)
    for method, steps in (("mean", 10), ("mgda", 5), ("moml", 2)):
        for seed, rate in product(range(3), (0.1, 0.2)):
            cell = replace(CELL, method=method, seed=seed, learning_rate=rate, passes=5,
                           steps=steps, every=1)  # fmt: skip
            write_cell(tmp_path / "s", cell, 1.0)
    (found,) = compare(tmp_path / "s", str(tmp_path / "tiny.toml"))
    assert found.methods == ("mean", "mgda", "moml")
    # Two trials where the scale has three, and a method beyond it, on two problems.
    assert (found.trials, found.expected) == (2, 3 * 2 * 2 * 3)
    assert _facts.command(found).endswith(" --scale small --methods mean mgda moml --trials 2")
    assert "5 backward passes an objective" in _facts.title(found)
    # At 1, m = 2 and 2m + 1 passes a step.
    runs = [_budget.a_run(found, method) for method in found.methods]
    assert [[entry.key for entry in run] for run in runs] == [[10, 10], [5, 10], [2, 10]]
