import pytest

from benchmarks.runner import cells, load_suite
from benchmarks.studies import RECORDS

SUITE = load_suite("tabular")


@pytest.mark.parametrize("scale", SUITE.scales)
def test_every_cell_is_a_regression(scale):
    found = cells(SUITE, scale, ["mean", "upgrad"])
    assert len({cell.address for cell in found}) == len(found) > 0
    assert {cell.problem for cell in found} <= SUITE.problems.keys() <= RECORDS.keys()
    assert {cell.model for cell in found} == {"shared_trunk"}


def test_methods_are_compared_on_equal_terms():
    small = SUITE.scales["small"]
    assert small.seeds >= 3
    found = cells(SUITE, "small")
    per_method = [sum(cell.method == name for cell in found) for name in small.methods]
    assert set(per_method) == {small.seeds * SUITE.protocol.trials * len(small.problems)}
