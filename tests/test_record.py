import dataclasses
import json
import os
import stat

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo import _files
from moo._record import _digest

RNG = np.random.default_rng(0)


def _trajectory(starts=2, time=3, m=2, d=4, **changes):
    arrays = {
        "steps": np.array([0, 10, 15]),
        "objectives": RNG.normal(size=(starts, time, m)).astype(np.float32),
        "params": RNG.normal(size=(starts, time, d)),
        "weights": RNG.normal(size=(starts, time, m)).astype(np.float32),
        "cosines": RNG.normal(size=(starts, time, m, m)).astype(np.float32),
        "names": ("click", "long view ✓"),
        "label": "mgda",
    }
    return moo.Trajectory(**{**arrays, **changes})


def _same(one, two):
    for field in dataclasses.fields(moo.Trajectory):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        else:
            assert a == b


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"params": None, "weights": None, "cosines": None, "names": (), "label": ""},
        {"weights": np.full((2, 3, 2), np.nan), "objectives": np.full((2, 3, 2), np.inf)},
    ],
    ids=["full", "least", "not finite"],
)
def test_save_and_load_give_back_the_bits(tmp_path, changes):
    path = _trajectory(**changes)
    path.save(tmp_path / "run.npz")
    _same(moo.Trajectory.load(tmp_path / "run.npz"), path)
    assert os.listdir(tmp_path) == ["run.npz"]


def test_any_name_of_a_file_may_be_given(tmp_path):
    _trajectory().save(str(tmp_path / "run"))
    assert len(moo.Trajectory.load(str(tmp_path / "run"))) == 3


def test_a_saved_file_has_the_permissions_of_any_other(tmp_path):
    (tmp_path / "other").write_bytes(b"")
    _trajectory().save(tmp_path / "run.npz")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "run.npz")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("broken", [(os, "fsync"), (_files.Path, "replace")])
def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch, broken):
    old = _trajectory(label="old")
    old.save(tmp_path / "run.npz")

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(*broken, fail)
    with pytest.raises(OSError, match="the disk is full"):
        _trajectory(label="new").save(tmp_path / "run.npz")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["run.npz"]
    _same(moo.Trajectory.load(tmp_path / "run.npz"), old)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    small = {"params": None, "cosines": None}
    path = _trajectory(starts=1, **small)
    path.save(folder / "run.npz")
    return path, (folder / "run.npz").read_bytes(), folder / "damaged.npz"


def test_a_flipped_bit_is_noticed_or_changes_nothing(saved):
    """A zip file has fields that no reader looks at; whatever is read must be right."""
    path, content, target = saved
    noticed = []
    for at in range(0, 8 * len(content), 13):
        damaged = bytearray(content)
        damaged[at // 8] ^= 1 << at % 8
        target.write_bytes(damaged)
        try:
            _same(moo.Trajectory.load(target), path)
        except ValueError as error:
            noticed.append(str(error))
    assert len(noticed) > len(content) / 4
    assert all("damaged.npz" in message for message in noticed)


def test_a_truncated_file_is_refused(saved):
    _, content, target = saved
    for size in range(0, len(content), 29):
        target.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"damaged.npz is no readable Trajectory file"):
            moo.Trajectory.load(target)


def _forged(header_of):
    """An npz whose checksum holds, with a header of its own."""
    arrays = {"steps": np.arange(3), "objectives": np.zeros((1, 3, 2))}
    header = header_of({"format": "moo.Trajectory/1", "names": [], "label": "", "settings": {}})
    if isinstance(header, dict) and header.keys() >= {"format", "names", "label"}:
        header["sha256"] = _digest(header, arrays)
    return {**arrays, "header": np.array(json.dumps(header))}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: _forged(lambda h: {**h, "format": "moo.Trajectory/2"}), "of another format"),
        (lambda: _forged(lambda h: {"format": h["format"], "sha256": ""}), "no readable Traj"),
        (lambda: _forged(lambda h: [h]), "no readable Trajectory"),
        (lambda: {"steps": np.arange(3)}, "no readable Trajectory"),
        (lambda: {"header": np.array("not json")}, "no readable Trajectory"),
        (lambda: {"header": np.array([None], object)}, "no readable Trajectory"),
    ],
    ids=["format", "short header", "header kind", "no header", "no json", "pickle"],
)
def test_other_npz_files_are_refused(tmp_path, content, message):
    np.savez(tmp_path / "other.npz", **content())
    with pytest.raises(ValueError, match=message):
        moo.Trajectory.load(tmp_path / "other.npz")


def test_other_files_are_refused(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "text").write_text("a trajectory", encoding="utf-8")
    for name in ("one.npy", "text"):
        with pytest.raises(ValueError, match="is no readable Trajectory file"):
            moo.Trajectory.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        moo.Trajectory.load(tmp_path / "absent.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objectives": np.zeros((3, 2))}, r"objectives must have 3 axes, got shape \(3, 2\)"),
        ({"steps": np.arange(2)}, r"steps must have shape \(3,\), got \(2,\)"),
        ({"weights": np.zeros((2, 3, 3))}, r"weights must have shape \(2, 3, 2\), got \(2, 3, 3\)"),
        ({"cosines": np.zeros((2, 3, 2))}, r"cosines must have shape \(2, 3, 2, 2\), got"),
        ({"params": np.zeros((1, 3, 4))}, r"params must be \(2, 3, d\), got \(1, 3, 4\)"),
        ({"params": np.zeros((2, 3))}, r"params must have 3 axes, got shape \(2, 3\)"),
        ({"names": ("click",)}, r"names must have one name for each of 2 objectives"),
    ],
)
def test_other_shapes_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        _trajectory(**changes)


def test_stack_joins_along_starts():
    one, two = _trajectory(), _trajectory(starts=3, cosines=np.zeros((3, 3, 2, 2)))
    both = moo.Trajectory.stack([one, two])
    assert both.objectives.shape == (5, 3, 2)
    np.testing.assert_array_equal(both.params, np.concatenate([one.params, two.params]))
    assert (both.names, both.label, len(both)) == (one.names, one.label, 3)
    assert moo.Trajectory.stack([one, _trajectory(weights=None)]).weights is None


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([], "trajectories is empty"),
        ([_trajectory(), _trajectory(steps=np.array([0, 10, 20]))], "differ in their steps"),
        ([_trajectory(), _trajectory(m=3, names=())], "differ in their objectives"),
        ([_trajectory(), _trajectory(names=("a", "b"))], "differ in their objectives"),
    ],
)
def test_what_cannot_be_stacked_is_refused(others, message):
    with pytest.raises(ValueError, match=message):
        moo.Trajectory.stack(others)


def test_a_trajectory_says_what_it_is():
    path = _trajectory()
    assert repr(path) == "Trajectory('mgda', starts=2, time=3, num_objectives=2)"
    assert path.finite
    assert not _trajectory(objectives=np.full((2, 3, 2), np.nan)).finite


def test_a_record_is_a_pytree_of_arrays():
    record = moo.Record(jnp.ones(2), None, None, jnp.zeros(()), jnp.array(True), jnp.array(True))
    stacked = jax.tree.map(lambda *x: jnp.stack(x), record, record)
    assert stacked.losses.shape == (2, 2)
    assert stacked.weights is None
