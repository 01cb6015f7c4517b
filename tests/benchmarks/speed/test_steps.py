import numpy as np
import pytest

from benchmarks.speed import steps
from benchmarks.speed._products import Rates
from benchmarks.speed._step_parts import GRAMIAN, PASSES, PRODUCTS, STEP, step_parts
from benchmarks.speed._trunk import Shape

NARROW, WIDE = Shape(64, 4, 2), Shape(256, 4, 2)


def pair(method, shape, ratio):
    """A pair in which one package takes a second and the other so many times longer."""
    once = np.array([1.0, 1.0])
    return steps.Pair(shape, method, once, ratio * once, 0.0, "autojac", Rates(0.1, 0.05))


@pytest.fixture
def pairs():
    return [pair("mgda", WIDE, 0.5), pair("mgda", NARROW, 2.0), pair("nash_mtl", NARROW, 8.0),
            pair("nash_mtl", WIDE, 3.0)]  # fmt: skip


def test_the_bars_judge_medians_and_least_ratios_beside_their_floors(pairs):
    floor = (3 + 2 * 5) * 0.05
    assert steps._values(pairs) == pytest.approx({
        "median": 2.5, "least": 0.5, "nash_mtl": 8.0,
        "median_floor": 2.5 / floor, "least_floor": 0.5 / floor, "nash_mtl_floor": 8.0 / floor,
    })  # fmt: skip


def test_the_least_steps_are_taken_apart(pairs, monkeypatch):
    programs = {PRODUCTS: 0.25, PASSES: 0.5, GRAMIAN: 0.625, STEP: 1.0}
    monkeypatch.setattr(steps, "step_parts", lambda *_: {k: [v, v] for k, v in programs.items()})
    assert steps._parts(pairs)["rows"] == [
        [f"{method}, {shape}", "1000.00", "250.00", "250.00", "125.00", "375.00", torchjd]
        for method, shape, torchjd in [("mgda", WIDE, "500"), ("nash_mtl", NARROW, "8e+03")]
    ]
    assert len(steps._parts(pairs[2:])["rows"]) == 2
    assert len(steps._parts(pairs[2:3])["rows"]) == 1


def test_all_four_programs_are_timed():
    found = step_parts("mgda", Shape(4, 8, 2))
    assert list(found) == [PRODUCTS, PASSES, GRAMIAN, STEP]
    assert all((times > 0).all() for times in found.values())
