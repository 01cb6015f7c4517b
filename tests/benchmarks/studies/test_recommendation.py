import pytest

from benchmarks.runner import cells, jobs, load_suite
from benchmarks.studies import DATA_SETS, MODELS

SUITE = load_suite("recommendation")


def test_every_data_set_and_method_of_the_suite_is_known():
    assert SUITE.problems.keys() <= DATA_SETS.keys()
    assert {"shared_bottom", "mmoe", "esmm"} <= set(SUITE.scales["full"].models) <= MODELS.keys()


@pytest.mark.parametrize("scale", SUITE.scales)
def test_each_cell_is_a_model_on_a_data_set_that_it_fits(scale):
    found = cells(SUITE, scale, ["mean", "upgrad"])
    assert len({cell.address for cell in found}) == len(found) > 0
    for cell in found:
        assert DATA_SETS[cell.problem].funnel or not MODELS[cell.model].funnel
    size = SUITE.scales[scale]
    names = set(SUITE.problems) if size.problems == ["all"] else set(size.problems)
    assert {cell.problem for cell in found} == names - set(size.without)


def test_methods_are_compared_on_equal_terms():
    small = SUITE.scales["small"]
    assert small.seeds >= 3
    assert len(small.methods) >= 6
    margins = {metric.name: metric.margin for metric in SUITE.protocol.metrics}
    assert margins["task_1_auc"] == margins["task_2_auc"] == 0.001
    found = cells(SUITE, "small")
    per_method = {name: sum(cell.method == name for cell in found) for name in small.methods}
    assert len(set(per_method.values())) == 1


def test_a_job_is_one_method_on_one_study():
    found = jobs(cells(SUITE, "smoke"))
    for job in found:
        assert len({(cell.method, cell.problem, cell.model) for cell in job.cells}) == 1
