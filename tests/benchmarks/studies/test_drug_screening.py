import pytest

from benchmarks.runner import cells, load_suite
from benchmarks.studies import RECORDS

SUITE = load_suite("drug_screening")


@pytest.mark.parametrize("scale", SUITE.scales)
def test_every_cell_is_a_model_of_the_molecules(scale):
    found = cells(SUITE, scale, ["mean", "upgrad"])
    assert len({cell.address for cell in found}) == len(found) > 0
    for cell in found:
        assert cell.problem == "molecules"
        assert cell.model in RECORDS["molecules"].models


def test_methods_are_compared_on_equal_terms():
    small = SUITE.scales["small"]
    assert small.seeds >= 3
    found = cells(SUITE, "small")
    per_method = [sum(cell.method == name for cell in found) for name in small.methods]
    assert set(per_method) == {small.seeds * SUITE.protocol.trials}
