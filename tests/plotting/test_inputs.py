import numpy as np
import pytest

from moo._record import Trajectory
from moo.plotting._inputs import as_trajectory, collect, names_of


def losses(label="", m=2, names=()):
    return Trajectory(steps=np.arange(3), objectives=np.zeros((1, 3, m)), label=label, names=names)


def test_one_several_and_a_mapping_come_in_order():
    one = losses("mgda")
    assert list(collect(one)) == ["mgda"]
    assert list(collect([losses("b"), losses("a"), losses()])) == ["b", "a", "run 3"]
    assert list(collect({"z": one, "y": one})) == ["z", "y"]
    assert collect(one)["mgda"] is one


def test_a_saved_trajectory_is_read(path, tmp_path):
    path.save(tmp_path / "run.npz")
    for name in (tmp_path / "run.npz", str(tmp_path / "run.npz")):
        found = collect(name)["LS"]
        assert np.array_equal(found.objectives, path.objectives)


def test_the_folder_of_a_run_stands_for_its_trajectory(path, tmp_path):
    path.save(tmp_path / "trajectory.npz")
    assert np.array_equal(as_trajectory(tmp_path).objectives, path.objectives)


def test_arrays_of_losses_count_their_rows():
    assert as_trajectory(np.zeros((4, 5, 2))).objectives.shape == (4, 5, 2)
    flat = as_trajectory(np.zeros((5, 3)))
    assert flat.objectives.shape == (1, 5, 3)
    assert flat.steps.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("empty", [[], {}])
def test_nothing_is_refused(empty):
    with pytest.raises(ValueError, match="trajectories is empty"):
        collect(empty)


def test_a_trajectory_without_points_is_refused():
    with pytest.raises(ValueError, match=r"trajectory 'a' has no points: .* \(0, 3, 2\)"):
        collect({"a": np.zeros((0, 3, 2))})


def test_a_shared_label_is_refused():
    with pytest.raises(ValueError, match=r"share a label in \['a', 'a'\]: pass a mapping"):
        collect([losses("a"), losses("a")])


def test_different_numbers_of_objectives_are_refused():
    with pytest.raises(ValueError, match=r"share their number of objectives.*'a': 2, 'b': 3"):
        collect({"a": losses(), "b": losses(m=3)})


@pytest.mark.parametrize("bad", [3, None, [3], {"a": {}}])
def test_other_types_are_refused(bad):
    with pytest.raises(TypeError, match=r"give a moo\.Trajectory"):
        collect(bad)


def test_an_array_of_other_rank_is_refused():
    with pytest.raises(ValueError, match=r"\(starts, time, m\) or \(time, m\), got shape \(4,\)"):
        collect(np.zeros(4))


def test_names_come_from_the_trajectory_the_problem_or_letters(toy):
    named = {"a": losses(names=("click", "buy"))}
    assert names_of(named, toy) == ["click", "buy"]
    assert names_of({"a": losses()}, toy) == [r"$\ell_{1}$", r"$\ell_{2}$"]
    assert names_of({"a": losses(m=3)}) == [r"$\ell_{1}$", r"$\ell_{2}$", r"$\ell_{3}$"]
