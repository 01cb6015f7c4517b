import numpy as np
import pytest

from benchmarks.opposition import RATIOS, answer, consequence, number

RHO = np.array(RATIOS)
CLOSED = {
    "sum": 1 - RHO,
    "mean": (1 - RHO) / 2,
    "pcgrad": np.zeros(len(RHO)),
    "mgda": np.zeros(len(RHO)),
}


@pytest.mark.parametrize(("name", "expected"), CLOSED.items())
def test_closed_forms(name, expected):
    """At the first step and at the 100th; what projects or balances the two stands still."""
    for coefficients in answer(name):
        assert (np.abs(coefficients - expected) <= 1e-6 * (1 + RHO)).all()


def at(faint, equal):
    """Return coefficients that differ at the faintest opponent and at an equal one."""
    return [{RATIOS[0]: faint, 1.0: equal}.get(ratio, 0.5) for ratio in RATIOS]


@pytest.mark.parametrize(
    ("coefficients", "sentence"),
    [
        (
            [0.0] * len(RATIOS),
            "stands still at every ratio: the faintest opponent erases the signal",
        ),
        (at(0.0, 0.0), "a faint opponent erases the signal; equals stand still"),
        (at(0.5, 0.0), "a faint opponent leaves 0.5 of g; equals stand still"),
        (at(1.0, 0.25), "a faint opponent leaves 1 of g; equals still move"),
        (at(-0.5, -1.0), "a faint opponent turns the step against g; equals still move"),
    ],
)
def test_consequences(coefficients, sentence):
    assert consequence(coefficients) == sentence


def test_numbers_have_no_sign_on_zero():
    assert [number(x) for x in (-0.0, -1e-7, 0.12345, -2.0)] == ["0", "0", "0.123", "-2"]
