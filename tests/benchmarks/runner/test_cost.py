from fractions import Fraction

import pytest

import moo
from benchmarks.runner._cost import passes_a_step


@pytest.mark.parametrize(
    ("method", "expected"),
    [("mean", 1), ("mgda", 4), ("modo", 5), ("stimulus", 8), ("moml", 9), ("sdmgrad", 3),
     ("forum", 5 + 4), ("sdmgrad_os", 4 + 1), ("psmgd", Fraction(4 + 7, 8)), ("pike", 1 + 4),
     ("famo", 1), ("auto_lambda", 3)],
)  # fmt: skip
def test_words_of_the_registry_become_numbers(method, expected):
    assert passes_a_step(method, 4) == expected


def test_hyper_parameters_count():
    assert passes_a_step("forum", 4, {"inner_steps": 20}) == 24
    assert passes_a_step("psmgd", 4, {"period": 1}) == 4
    assert passes_a_step("pike", 4, {"period": 8}) == Fraction(12, 8)


def test_every_method_has_a_cost():
    for method in moo.aggregators.METHODS:
        assert 1 <= passes_a_step(method, 3) <= 8


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="did you mean mgda"):
        passes_a_step("mgad", 2)
