import numpy as np

from moo.plotting._points import point_sets

from .conftest import spiral


def test_arrays_trajectories_and_saved_runs(tmp_path):
    path = spiral(3)
    path.save(tmp_path / "trajectory.npz")
    points = {"array": np.ones((2, 2)), "run": path, "file": tmp_path / "trajectory.npz"}
    found = point_sets(points | {"folder": str(tmp_path)})
    assert found["array"].tolist() == [[1.0, 1.0], [1.0, 1.0]]
    for label in ("run", "file", "folder"):
        assert np.array_equal(found[label], path.objectives[:, -1])
