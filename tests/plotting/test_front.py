import numpy as np
import pytest

from moo.plotting import plot_front
from moo.problems import Problem

from .conftest import spiral


@pytest.fixture(scope="module")
def cube():
    """Three objectives whose exact front is known by three of its points."""
    return Problem(
        name="cube",
        dim=3,
        num_objectives=3,
        objectives=lambda x, key=None: x,
        source="made for this test",
        starts=np.zeros((1, 3)),
        pareto_front=lambda n: np.eye(3) + 0.25,
        objective_names=("x", "y", "z"),
    )


def test_points_and_the_exact_front(toy):
    points = np.array([[0.5, 1.0], [-1.0, 2.0]])
    _, axes = plot_front({"mine": points}, toy, reference=(1.0, 3.0))
    assert axes.collections[0].get_offsets().tolist() == points.tolist()
    lines = {line.get_label(): line.get_xydata() for line in axes.lines}
    front = toy.pareto_front(400)
    assert np.allclose(lines["Pareto front"], front[np.argsort(front[:, 0])])
    assert lines["reference point"].tolist() == [[1.0, 3.0]]


def test_a_trajectory_shows_its_ends():
    path = spiral()
    _, axes = plot_front({"LS": path})
    assert np.array_equal(axes.collections[0].get_offsets(), path.objectives[:, -1])


def test_a_pair_of_three_objectives():
    _, axes = plot_front({"a": np.array([[1.0, 2.0, 3.0]])}, pair=(2, 1), names=("x", "y", "z"))
    assert axes.collections[0].get_offsets().tolist() == [[3.0, 2.0]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z", "y")


def test_three_objectives_in_space(cube):
    points = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    figure, axes = plot_front({"a": points}, cube, triple=(2, 1, 0), reference=(7, 8, 9))
    (drawn,) = axes.collections
    assert np.array_equal(np.stack(drawn._offsets3d, axis=1), points[:, ::-1])
    cloud, _, cross = (np.stack(line.get_data_3d()) for line in axes.lines)
    assert np.array_equal(cloud.T, cube.pareto_front(1)[:, ::-1])
    assert cross.ravel().tolist() == [9, 8, 7]
    labels = (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel())
    assert labels == ("z", "y", "x")
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["Pareto front", "a", "reference point"]


@pytest.mark.parametrize("triple", [(0, 1), (0, 1, 1), (0, 1, 3)])
def test_an_unfit_triple_is_refused(triple):
    with pytest.raises(ValueError, match="three different indices of 3 objectives"):
        plot_front({"a": np.zeros((1, 3))}, triple=triple)


def test_two_objectives_are_no_space():
    with pytest.raises(ValueError, match="takes three objectives, got 2: use pair"):
        plot_front({"a": np.zeros((1, 2))}, triple=(0, 1, 2))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ({}, "points is empty"),
        ({"a": np.zeros(3)}, r"points 'a' must be \(n, m\)"),
        ({"a": np.zeros((0, 2))}, r"points 'a' must be \(n, m\)"),
        ({"a": np.zeros((1, 2)), "b": np.zeros((1, 3))}, "share their number of objectives"),
        ({"a": np.zeros((1, 1))}, "takes two of them"),
    ],
)
def test_unfit_points_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        plot_front(points)


def test_points_must_fit_the_problem(toy):
    with pytest.raises(ValueError, match="problem two_task_toy': 2"):
        plot_front({"a": np.zeros((1, 3))}, toy)


def test_the_name_of_a_problem_is_no_problem():
    with pytest.raises(TypeError, match=r"got 'two_task_toy': give moo\.problem"):
        plot_front({"a": np.zeros((2, 2))}, "two_task_toy")
