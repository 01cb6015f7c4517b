import numpy as np

from benchmarks.speed import _alternate
from benchmarks.speed._alternate import Ratio, alternate, ratio


def test_programs_take_turns_in_reversed_order_every_other_round(monkeypatch):
    clock, calls = [0.0], []

    def program(name, seconds):
        def call():
            calls.append(name)
            clock[0] += seconds

        return call

    monkeypatch.setattr(_alternate.time, "perf_counter", lambda: clock[0])
    times = alternate({"a": program("a", 1.0), "b": program("b", 0.03125)}, 3, 0.0625)
    np.testing.assert_allclose(times["a"], [1.0] * 3)
    np.testing.assert_allclose(times["b"], [0.03125] * 3)
    # Two calls find how often a turn repeats; a short program's turn begins with untimed ones.
    a, b = ["a"], ["b"] * 4
    assert calls == ["a"] * 2 + ["b"] * 2 + a + b + b + a + a + b


def test_ratios_are_of_paired_rounds():
    assert ratio(np.array([2.0, 9.0, 8.0]), np.array([1.0, 3.0, 2.0])) == Ratio(3.0, 2.0, 4.0)
