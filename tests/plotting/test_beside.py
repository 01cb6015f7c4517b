import itertools

import numpy as np
import pytest
from matplotlib.path import Path

from moo.plotting._beside import _assigned, _crossings, margin_for
from moo.plotting._skeletal import Formula


def box(width, height):
    """A formula that is the outline of a rectangle."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    return Formula(Path(corners), Path(np.zeros((0, 2))), np.array([width, height], float))


@pytest.mark.parametrize(("count", "width"), [(1, "column"), (5, "column"), (12, "page"), (9, 5.5)])
def test_cells_do_not_overlap_and_lie_outside_of_the_axes(count, width):
    margin = margin_for([box(6, 4)] * count, width, titled=True)
    assert (margin.top, margin.top + margin.right)[1] == count
    size = np.array([margin.width * margin.top, margin.height + 300.0])
    slots = margin.slots(size, bottom=40.0)
    assert slots.shape == (count, 4)
    low, high = slots[:, :2], slots[:, :2] + slots[:, 2:]
    assert (low >= -1e-9).all()
    assert (high <= size + 1e-9).all()
    for i, j in itertools.combinations(range(count), 2):
        assert (np.minimum(high[i], high[j]) - np.maximum(low[i], low[j])).min() < 1e-9
    inner = size - margin.room
    assert ((low[:, 1] >= inner[1] - 1e-9) | (low[:, 0] >= inner[0] - 1e-9)).all()


def test_the_margin_is_as_high_as_the_highest_formula():
    low, high = (margin_for([box(6, tall)], "column", titled=False) for tall in (1, 5))
    # Bonds of 9.5 points, and 4 points of space above and below.
    assert low.height == pytest.approx(9.5 + 8)
    assert high.height == pytest.approx(5 * 9.5 + 8)
    assert margin_for([box(6, 100)], "column", titled=True).height == pytest.approx(66 + 8 + 8)


def crossing(a, b, c, d):
    """Whether two segments cross, by solving for the parameters of the common point."""
    try:
        share = np.linalg.solve(np.stack([b - a, c - d], axis=1), c - a)
    except np.linalg.LinAlgError:
        return False
    return bool((share > 0).all() and (share < 1).all())


def test_crossings_are_counted():
    draw = np.random.default_rng(0)
    for _ in range(20):
        starts, ends = draw.random((6, 2)), draw.random((6, 6, 2))
        order = draw.permutation(6).tolist()
        tips = ends[np.arange(6), order]
        pairs = itertools.combinations(range(6), 2)
        expected = sum(crossing(starts[i], tips[i], starts[j], tips[j]) for i, j in pairs)
        assert _crossings(starts, ends, order) == expected


def test_the_shortest_lines_to_fixed_ends_do_not_cross():
    draw = np.random.default_rng(1)
    cells = np.stack([np.linspace(0.1, 0.9, 9), np.full(9, 1.1)], axis=1)
    for _ in range(20):
        starts, ends = draw.random((9, 2)), np.tile(cells, (9, 1, 1))
        order = _assigned(starts, ends)
        assert sorted(order) == list(range(9))
        assert _crossings(starts, ends, order) == 0


def test_lines_whose_ends_depend_on_the_structure_hardly_cross():
    draw = np.random.default_rng(2)
    cells = np.stack([np.linspace(0.1, 0.9, 9), np.full(9, 1.1)], axis=1)
    left = []
    for _ in range(20):
        starts, ends = draw.random((9, 2)), cells + draw.uniform(-0.05, 0.05, (9, 9, 2))
        left.append(_crossings(starts, ends, _assigned(starts, ends)))
    assert max(left) <= 1
    assert sum(left) <= 3


def test_an_exchange_undoes_a_crossing_that_shortest_lines_have():
    starts = np.array([[0.0, 0.0], [0.1, 0.0]])
    # Each line would cross the other one, and be shorter in sum, the ends being their own.
    ends = np.array([[[-1.0, 1.0], [0.6, 0.5]], [[-0.4, 0.5], [1.0, 1.0]]])
    assert _crossings(starts, ends, [1, 0]) == 1
    assert _assigned(starts, ends) == [0, 1]
