from dataclasses import replace

import pytest

from benchmarks.faults import _evidence
from benchmarks.faults._finding import Finding
from benchmarks.runner import _folder, _journal
from benchmarks.runner._cell import Cell

CELL = Cell(suite="s", problem="p", method="mean", seed=0, steps=2, every=1, learning_rate=0.1)


def finish(root, cell=CELL, seconds=0.5):
    path = _folder.folder(root, cell)
    with _folder.locked(path):
        _folder.start(path, cell, {})
        _journal.append(path / _folder.TIMING, {"event": "run", "seconds": seconds})
        _folder.finish(path, {"status": "done", "reason": None})
    return path


@pytest.fixture
def root(tmp_path):
    """A sweep of one finished cell."""
    finish(tmp_path)
    return tmp_path


def broken(check, *args):
    finding = Finding("a fault")
    check(finding, *args)
    return finding.broken


def test_a_clock_makes_no_difference(root, tmp_path):
    finish(tmp_path / "other", seconds=0.75)
    expected = _evidence.contents(tmp_path / "other")
    assert {name for _, name in expected} == {"config.json", "env.json", "summary.json"}
    assert broken(_evidence.expect_same, root, expected) == []


def test_all_that_differs_is_told(root):
    expected = _evidence.contents(root)
    (root / "checkpoints").mkdir()
    (root / "checkpoints" / "a.npz").touch()
    path = _folder.folder(root, CELL)
    (path / "env.json").write_bytes(b"{}")
    (path / ".summary.json.00.part").touch()
    told = broken(_evidence.expect_same, root, expected)
    assert told == [
        f"{root.name}: {path.name}/env.json differs",
        f"{path / 'env.json'} is damaged: its sha256 does not hold",
        f"{root.name}: checkpoints/a.npz was left behind",
        f"{root.name}: cells/{path.name}/.summary.json.00.part was left behind",
    ]


def test_a_cell_that_ran_again_or_is_lost_is_noticed(root):
    before = _evidence.marks(root)
    assert broken(_evidence.expect_kept, before, before) == []
    finish(root, replace(CELL, seed=1))
    assert broken(_evidence.expect_kept, before, _evidence.marks(root)) == []
    path = _folder.folder(root, CELL)
    _folder.clear(path)
    assert broken(_evidence.expect_kept, before, _evidence.marks(root)) == [
        f"{path.name} was finished and is lost"
    ]
    finish(root)
    assert broken(_evidence.expect_kept, before, _evidence.marks(root)) == [
        f"{path.name} was finished and ran again"
    ]


def test_a_new_cell_must_be_whole(root):
    path = finish(root, replace(CELL, seed=1))
    (path / "config.json").unlink()
    (told,) = broken(_evidence.expect_kept, {}, _evidence.marks(root))
    assert told == f"{path / 'config.json'} is missing"
