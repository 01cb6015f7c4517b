"""Hypervolume by hand, by its laws and against moocore."""

import moocore
import numpy as np
import pytest

from moo.metrics import hypervolume


def own(points, reference):
    return hypervolume(points, reference, backend="numpy")


def test_boxes_by_hand():
    assert own([[1]], [3]) == 2.0
    assert own([[1, 2]], [3, 5]) == 6.0
    assert own([[0, 2], [1, 1], [2, 0]], [3, 3]) == 6.0
    assert own([[-1, -1]], [0, 0]) == 1.0
    assert own([[0, 0, 1], [0, 1, 0], [1, 0, 0]], [2, 2, 2]) == 7.0
    assert own(1 - np.eye(4), [2] * 4) == 4 * 2 - 6 + 4 - 1


def test_points_that_add_nothing():
    plain = own([[0, 2], [2, 0]], [3, 3])
    more = [[0, 2], [2, 0], [2, 0], [2, 2], [0, 2.5], [4, -9], [-9, 3], [np.inf, -1], [3, 3]]
    assert own(more, [3, 3]) == plain == 5.0
    deep = np.column_stack([more, np.zeros((len(more), 2))])
    assert own(deep, [3, 3, 1, 2]) == 10.0


@pytest.mark.parametrize("backend", ["auto", "numpy", "moocore"])
@pytest.mark.parametrize("points", [[], np.empty((0, 3)), [[3, 0, 0]], [[5, 5, 5]]])
def test_nothing_below_the_reference_is_zero(points, backend):
    assert hypervolume(points, [3, 3, 3], backend=backend) == 0.0


@pytest.mark.parametrize(("m", "sets"), [(2, 400), (3, 200), (4, 60), (5, 30), (6, 15)])
def test_random_sets_with_ties_equal_moocore(m, sets):
    rng = np.random.default_rng(m)
    for seed in range(sets):
        points = rng.normal(size=(rng.integers(1, 30), m))
        points = np.round(points, 1) if seed % 2 else points
        reference = rng.normal(0.5, size=m)
        expected = moocore.hypervolume(points, ref=reference)
        assert own(points, reference) == pytest.approx(expected, rel=1e-11, abs=1e-13)
        assert hypervolume(points, reference) == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_two_hundred_points_on_a_sphere():
    points = np.abs(np.random.default_rng(0).normal(size=(200, 3)))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    expected = moocore.hypervolume(points, ref=[1.1, 1.1, 1.1])
    assert own(points, [1.1] * 3) == pytest.approx(expected, rel=1e-12)
    assert expected < 1.331 - np.pi / 6


@pytest.mark.parametrize("m", [3, 4])
def test_neither_order_nor_names_of_the_objectives_matter(m):
    rng = np.random.default_rng(0)
    points, reference = rng.uniform(size=(15, m)), np.full(m, 1.2)
    value = own(points, reference)
    assert own(points[::-1], reference) == pytest.approx(value, rel=1e-13)
    assert own(points[:, ::-1], reference) == pytest.approx(value, rel=1e-13)
    assert own(3 * points, 3 * reference) == pytest.approx(3**m * value, rel=1e-13)


def test_moocore_is_not_needed(monkeypatch):
    monkeypatch.setattr("moo.metrics._hypervolume._has_moocore", lambda: False)
    monkeypatch.setattr(moocore, "hypervolume", None)
    assert hypervolume([[0, 0, 1], [0, 1, 0], [1, 0, 0]], [2, 2, 2]) == 7.0


@pytest.mark.parametrize(
    ("points", "reference", "message"),
    [
        ([[1, 2, 3]], [4, 4], r"points: must have shape \(n, 2\) as the reference has 2"),
        ([1, 2], [4, 4], r"points: must have shape \(n, 2\).*got \(2,\)"),
        ([[1, 2]], [[4, 4]], r"reference: must have shape \(m,\), got \(1, 2\)"),
        ([[1, 2]], [], r"reference: must have shape \(m,\), got \(0,\)"),
        ([[1, np.nan]], [4, 4], "points: must not hold NaN or -inf"),
        ([[1, -np.inf]], [4, 4], "points: must not hold NaN or -inf"),
        ([[1, 1]], [4, np.nan], "reference: must be finite"),
    ],
)
def test_bad_input_is_named(points, reference, message):
    with pytest.raises(ValueError, match=message):
        hypervolume(points, reference)


def test_unknown_backend_is_named():
    with pytest.raises(ValueError, match=r"backend: must be one of.*got 'wfg'"):
        hypervolume([[1, 1]], [2, 2], backend="wfg")
