import dataclasses

import numpy as np
import pytest

import moo.problems
from moo.plotting._planes import (
    broken,
    front_curve,
    planes,
    principal_components,
    reaches_front,
)

from .conftest import spiral


def test_a_plane_for_each_space(path, toy):
    found = {"LS": path}
    assert [p.space for p in planes(found, toy, "both", (0, 1))] == ["params", "objectives"]
    assert [p.space for p in planes(found, toy, "params", (0, 1))] == ["params"]
    assert [p.space for p in planes(found, None, "objectives", (0, 1))] == ["objectives"]
    assert [p.space for p in planes(found, toy, None, (0, 1))] == ["params", "objectives"]


@pytest.mark.parametrize("params", [None, np.zeros((3, 40, 1))])
def test_without_a_plane_of_params_the_objectives_are_taken(path, params):
    found = {"LS": path, "net": dataclasses.replace(path, params=params)}
    if params is not None:
        found.pop("LS")
    assert [p.space for p in planes(found, None, None, (0, 1))] == ["objectives"]


def test_limits_hold_every_point_the_front_and_the_window(methods, toy):
    for plane in planes(methods, toy, "both", (0, 1)):
        inside = np.concatenate([*(p.reshape(-1, 2) for p in plane.paths.values()), plane.curve])
        assert (inside > plane.low).all()
        assert (inside < plane.high).all()
    params = planes(methods, toy, "params", (0, 1))[0]
    assert (params.low <= -10).all()
    assert (params.high >= 10).all()


def test_limits_stay_at_bounds(path, toy):
    bounded = dataclasses.replace(toy, window=None, bounds=(np.full(2, -9.0), np.full(2, 8.5)))
    plane = planes({"LS": path}, bounded, "params", (0, 1))[0]
    assert (plane.low >= -9 - 0.02 * 17.5).all()
    assert (plane.high <= 8.5 + 0.02 * 17.5).all()


def test_points_that_are_not_finite_do_not_move_the_limits(path, toy):
    broken = path.objectives.copy()
    broken[0, 5] = np.inf
    diverged = dataclasses.replace(path, objectives=broken)
    plane = planes({"LS": diverged}, toy, "objectives", (0, 1))[0]
    assert np.isfinite([plane.low, plane.high]).all()


def test_a_pair_of_three_objectives_is_chosen():
    paths = np.arange(24.0).reshape(1, 8, 3)
    trajectory = dataclasses.replace(
        spiral(1, 8), objectives=paths, weights=None, cosines=None, names=("a", "b", "c")
    )
    plane = planes({"x": trajectory}, None, "objectives", (2, 0))[0]
    assert np.array_equal(plane.paths["x"], paths[..., [2, 0]])
    assert plane.names == ("c", "a")


def test_principal_components_keep_distances_in_a_plane():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(7, 2)))
    flat = rng.normal(size=(2, 9, 2)) * np.array([3.0, 1.0])
    paths, shares = principal_components({"a": flat[:1] @ basis.T, "b": flat[1:] @ basis.T + 0.0})
    joint = np.concatenate([paths["a"], paths["b"]]).reshape(-1, 2)
    true = flat.reshape(-1, 2)
    distances = np.linalg.norm(joint[:, None] - joint, axis=2)
    np.testing.assert_allclose(distances, np.linalg.norm(true[:, None] - true, axis=2), atol=1e-12)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[0] > shares[1] > 0


def test_principal_components_of_one_point_are_zero():
    paths, shares = principal_components({"a": np.ones((1, 1, 5))})
    assert paths["a"].tolist() == [[[0.0, 0.0]]]
    assert shares.tolist() == [0.0, 0.0]


def test_trained_networks_are_shown_in_two_components(path):
    wide = dataclasses.replace(path, params=np.repeat(path.params, 3, axis=2))
    plane = planes({"net": wide}, None, "params", (0, 1))[0]
    assert plane.paths["net"].shape == (3, 40, 2)
    assert plane.names[0].startswith("PC 1 (")
    assert plane.curve is None
    assert not plane.exact


def test_the_front_is_ordered_and_ends_are_measured_against_it(toy):
    front = front_curve(toy, 50)
    assert (np.diff(front[:, 0]) >= 0).all()
    span = np.ptp(front, axis=0)
    ends = np.array([front[20], front[20] + 0.1 * span, [np.nan, 0.0]])
    assert reaches_front(ends, toy, 0.02).tolist() == [True, False, False]
    assert reaches_front(ends, toy, 0.2).tolist() == [True, True, False]
    assert reaches_front(ends, toy, None).all()
    assert reaches_front(ends, None, 0.02).all()


def test_ends_are_measured_against_a_front_in_pieces():
    zdt3 = moo.problems.problem("zdt3")
    front = zdt3.pareto_front(11)
    assert reaches_front(front, zdt3, 0.02).all()
    assert not reaches_front(front + 0.2, zdt3, 0.02).any()


def test_a_curve_is_broken_where_it_jumps():
    x = np.concatenate([np.linspace(0, 0.2, 50), np.linspace(0.8, 1, 50)])
    curve = np.stack([x, 1 - x], axis=1)
    assert np.flatnonzero(np.isnan(broken(curve)[:, 0])).tolist() == [50]
    whole = np.stack([np.linspace(0, 1, 100)] * 2, axis=1)
    assert not np.isnan(broken(whole)).any()
    assert len(broken(curve[:1])) == 1


@pytest.mark.parametrize(("name", "pieces"), [("zdt1", 1), ("zdt3", 5), ("zdt6", 1)])
def test_a_front_is_drawn_in_as_many_pieces_as_it_has(name, pieces):
    # The samples of ZDT6's front, one piece, lie far apart at its left end.
    curve = front_curve(moo.problems.problem(name), 400)
    assert np.isnan(curve[:, 0]).sum() == pieces - 1


@pytest.mark.parametrize(
    ("space", "pair", "message"),
    [
        ("parameters", (0, 1), 'space must be "params", "objectives", "both" or None'),
        ("objectives", (0, 0), "pair must be two different indices of the 2 objectives"),
        ("objectives", (0, 2), "pair must be two different indices of the 2 objectives"),
    ],
)
def test_unknown_spaces_and_pairs_are_refused(space, pair, message, path):
    with pytest.raises(ValueError, match=message):
        planes({"LS": path}, None, space, pair)


def test_missing_params_are_named(path):
    bare = dataclasses.replace(path, params=None)
    with pytest.raises(ValueError, match=r"'MGDA' has no params: .* space=\"objectives\""):
        planes({"LS": path, "MGDA": bare}, None, "params", (0, 1))


def test_params_of_one_dimension_are_refused(path):
    narrow = dataclasses.replace(path, params=path.params[..., :1])
    with pytest.raises(ValueError, match="params have one dimension only"):
        planes({"LS": narrow}, None, "both", (0, 1))


def test_params_of_different_size_are_refused(path):
    wide = dataclasses.replace(path, params=np.repeat(path.params, 2, axis=2))
    with pytest.raises(ValueError, match=r"share their number of parameters.*'a': 2, 'b': 4"):
        planes({"a": path, "b": wide}, None, "params", (0, 1))


def test_a_problem_that_does_not_fit_is_refused(path, toy):
    wide = dataclasses.replace(path, params=np.repeat(path.params, 2, axis=2))
    with pytest.raises(ValueError, match="has 4 parameters, but problem 'two_task_toy' has 2"):
        planes({"a": wide}, toy, "params", (0, 1))
    three = dataclasses.replace(path, objectives=np.zeros((3, 40, 3)), weights=None, cosines=None)
    with pytest.raises(ValueError, match="has 3 objectives, but problem 'two_task_toy' has 2"):
        planes({"a": three}, toy, "objectives", (0, 1))


def test_one_objective_is_refused(path):
    one = dataclasses.replace(path, objectives=path.objectives[..., :1], weights=None, cosines=None)
    with pytest.raises(ValueError, match="use plot_losses"):
        planes({"a": one}, None, "objectives", (0, 1))


def test_nothing_finite_is_refused(path):
    gone = dataclasses.replace(path, objectives=np.full_like(path.objectives, np.nan))
    with pytest.raises(ValueError, match="no finite point"):
        planes({"a": gone}, None, "objectives", (0, 1))
