from dataclasses import replace

import moo
from benchmarks import reports
from benchmarks.reports import _anchors
from tests.benchmarks.reports.cells import CELL, START, write_cell

ENDS = {"worst": "start", "best": 0.0}


def resolve(root, ends, metric):
    runs = reports.read(root).runs
    chosen = {("mean", problem): [run for run in runs if run.cell.problem == problem]
              for problem in {run.cell.problem for run in runs}}  # fmt: skip
    return _anchors.resolve(ends, metric, chosen, {problem: None for _, problem in sorted(chosen)})


def test_the_start_is_the_first_row(tmp_path):
    for seed in range(2):
        write_cell(tmp_path, replace(CELL, seed=seed), 1.0)
    assert resolve(tmp_path, ENDS, "gap") == {"zdt1": (START, 0.0)}
    assert resolve(tmp_path, None, "gap") is None


def test_the_front_is_the_hypervolume_that_the_problem_states(tmp_path):
    write_cell(tmp_path, CELL, 1.0)
    write_cell(tmp_path, replace(CELL, problem="gradnorm_regression"), 1.0)
    found = resolve(tmp_path, {"worst": 0.0, "best": "front"}, "hypervolume")
    assert found == {"zdt1": (0.0, moo.problem("zdt1").max_hypervolume)}
    assert found["zdt1"][1] > 0


def test_ends_that_are_unknown_or_equal_leave_the_problem_out(tmp_path):
    write_cell(tmp_path, CELL, 1.0)
    assert resolve(tmp_path, ENDS, "unknown") == {}
    assert resolve(tmp_path, {"worst": "start", "best": START}, "gap") == {}
