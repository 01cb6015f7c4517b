import json
import multiprocessing
import os
import signal
from dataclasses import replace

import pytest

from benchmarks.runner import _folder, _journal
from benchmarks.runner._cell import Cell
from benchmarks.runner._journal import DamagedError

CELL = Cell(suite="s", problem="p", method="mean", seed=0, steps=2, every=1, learning_rate=0.1)


@pytest.fixture
def finished(tmp_path):
    """A finished cell, with a trajectory of a few bytes."""
    path = _folder.folder(tmp_path, CELL)
    with _folder.locked(path):
        _folder.start(path, CELL, {"versions": {"jax": "1"}})
        _journal.append(path / "metrics.jsonl", {"step": 0}, {"step": 1})
        _journal.append(path / _folder.TIMING, {"event": "run", "seconds": 0.5})
        _folder.write(path / "trajectory.npz", b"arrays")
        assert not _folder.is_finished(path)
        _folder.finish(path, {"status": "done"})
    return path


def test_a_finished_cell_is_whole_and_lists_its_files(finished):
    assert _folder.is_finished(finished)
    found = _folder.verify(finished)
    assert found["status"] == "done"
    assert set(found["files"]) == {"config.json", "env.json", "metrics.jsonl", "trajectory.npz"}
    assert Cell.from_json((finished / "config.json").read_text()) == CELL
    assert json.loads((finished / "env.json").read_text())["config"] == CELL.address


def test_flipped_bits_in_any_file_are_detected(finished):
    stored = {path: path.read_bytes() for path in finished.iterdir()}
    assert len(stored) == 7  # the six files, and an empty lock
    for path, content in stored.items():
        for bit in range(0, 8 * len(content), 11):  # every byte's turn, at every place in it
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            with pytest.raises(DamagedError, match=path.name):
                _folder.verify(finished)
        path.write_bytes(content)
    assert _folder.verify(finished)["status"] == "done"


@pytest.mark.parametrize("name", ["config.json", "env.json", "metrics.jsonl", "timing.jsonl"])
def test_a_missing_file_is_named(finished, name):
    (finished / name).unlink()
    with pytest.raises(DamagedError, match=f"{name} is missing"):
        _folder.verify(finished)


def test_a_file_too_many_is_named(finished):
    (finished / "more.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"more\.json is not part of the cell"):
        _folder.verify(finished)


def test_a_lost_line_of_times_is_noticed(finished):
    timing = finished / _folder.TIMING
    timing.write_bytes(timing.read_bytes().split(b"\n", 1)[1])
    with pytest.raises(DamagedError, match="does not end as it was written"):
        _folder.verify(finished)


def test_a_summary_of_another_cell_is_damage(finished, tmp_path):
    other = _folder.folder(tmp_path, replace(CELL, seed=1))
    finished.rename(other)
    with pytest.raises(DamagedError, match="sha256 does not hold"):
        _folder.summary(other)


def test_what_a_clock_decides_does_not_change_the_summary(tmp_path):
    contents = set()
    for seconds in (0.5, 0.75):
        path = _folder.folder(tmp_path / str(seconds), CELL)
        with _folder.locked(path):
            _folder.start(path, CELL, {})
            _journal.append(path / _folder.TIMING, {"event": "run", "seconds": seconds})
            _folder.finish(path, {"status": "done"})
        contents.add((path / _folder.SUMMARY).read_bytes())
    assert len(contents) == 1


def test_a_held_folder_is_busy_until_it_is_let_go(tmp_path):
    path = tmp_path / "c"
    busy = pytest.raises(_folder.BusyError, match="another runner")
    with _folder.locked(path), busy, _folder.locked(path):
        pass
    with _folder.locked(path):
        assert (path / ".lock").stat().st_size == 0


def _hold(path, held):
    with _folder.locked(path):
        held.set()
        signal.pause()


def test_a_killed_holder_lets_go(tmp_path):
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "c", held))
    holder.start()
    assert held.wait(60)
    with pytest.raises(_folder.BusyError), _folder.locked(tmp_path / "c"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with _folder.locked(tmp_path / "c"):
        assert (tmp_path / "c" / ".lock").exists()


def test_clearing_leaves_the_lock_only(finished):
    _folder.clear(finished)
    assert [file.name for file in finished.iterdir()] == [".lock"]
