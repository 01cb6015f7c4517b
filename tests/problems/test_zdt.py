"""ZDT: segments, ends and areas against the equations of the formulas."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from moo.problems import zdt1, zdt3, zdt4, zdt6


def last_loss(f):
    return 1 - np.sqrt(f) - f * np.sin(10 * np.pi * f)


def test_segments_of_zdt3_begin_where_f2_falls_below_all_before_and_end_at_its_minima():
    f1 = zdt3().pareto_front(100_001)[:, 0]
    breaks = np.flatnonzero(np.diff(f1) > 1e-3)
    begins, ends = f1[np.append(0, breaks + 1)], f1[np.append(breaks, -1)]
    assert len(begins) == 5
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        at = minimize_scalar(last_loss, bounds=(end - 0.02, end + 0.02), method="bounded")
        assert end == pytest.approx(at.x, abs=1e-4)
        if i:
            assert last_loss(begin) == pytest.approx(last_loss(ends[i - 1]), abs=1e-3)


def test_hypervolume_of_zdt3_by_quadrature_of_the_running_minimum():
    grid = np.linspace(0.0, 1.0, 2_000_001)
    lowest = np.minimum.accumulate(last_loss(grid))
    area = np.trapezoid(1.1 - lowest, grid) + 0.1 * (1.1 - lowest[-1])
    assert zdt3().max_hypervolume == pytest.approx(area, abs=1e-9)
    assert zdt3().max_hypervolume == pytest.approx(1.331763, abs=5e-7)


def test_hypervolumes_by_quadrature():
    assert zdt1().max_hypervolume == pytest.approx(quad(lambda f: 0.1 + f**0.5, 0, 1)[0] + 0.11)
    left = 0.2807753188
    area = quad(lambda f: 0.1 + f**2, left, 1)[0] + 0.11
    assert zdt6().max_hypervolume == pytest.approx(area, abs=1e-12)
    assert zdt6().max_hypervolume == pytest.approx(0.5078775, abs=5e-8)


def test_left_end_of_zdt6_is_the_least_first_loss():
    x = np.linspace(0.0, 1.0, 1_000_001)
    least = np.min(1 - np.exp(-4 * x) * np.sin(6 * np.pi * x) ** 6)
    assert least == pytest.approx(0.2807753188, abs=1e-10)


def test_bounds_of_zdt4_belong_to_each_problem_alone():
    low, high = zdt4(dim=3).bounds
    assert low.tolist() == [0.0, -5.0, -5.0]
    assert high.tolist() == [1.0, 5.0, 5.0]
    assert zdt1(dim=3).bounds[0].tolist() == [0.0, 0.0, 0.0]


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match="dim: must be at least 2, got 1"):
        zdt1(dim=1)
