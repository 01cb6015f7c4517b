import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

import moo
from benchmarks.runner import _block, _checkpoint, _execute, _folder, _journal, _plan
from benchmarks.runner._block import Limits
from benchmarks.runner._execute import run_job


def contents(root):
    """Return the bytes of all files that no clock decides, by cell and name."""
    return {
        (path.parent.name, path.name): path.read_bytes()
        for path in (root / "cells").glob("*/[!.]*")
        if path.name != _folder.TIMING
    }


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


def stop_after(chunks):
    """Return limits that stop after so many chunks, with a checkpoint then only."""
    asked = itertools.count()
    # Asked once before the block, then before every chunk.
    return Limits(1e9, lambda: next(asked) > chunks)


@pytest.fixture
def straight(job, tmp_path):
    """What an uninterrupted run leaves."""
    assert statuses(run_job(job, tmp_path / "straight")) == ["done", "done"]
    return contents(tmp_path / "straight")


def test_mean_with_plain_steps_shrinks_the_quadratic_as_computed(cell, tmp_path):
    wanted = [replace(cell, method="mean", optimizer="sgd", seed=seed) for seed in (0, 1)]
    (job,) = _plan.jobs(wanted)
    assert statuses(run_job(job, tmp_path)) == ["done", "done"]
    for one in job.cells:
        path = _folder.folder(tmp_path, one)
        trajectory = moo.Trajectory.load(path / "trajectory.npz")
        np.testing.assert_array_equal(trajectory.steps, [0, 5, 10, 12])
        # The mean of the gradients (2 x1, 0) and (0, 2 x2) is x.
        shrunk = trajectory.params[:, :1] * 0.9 ** trajectory.steps[:, None]
        np.testing.assert_allclose(trajectory.params, shrunk, rtol=1e-5)
        np.testing.assert_allclose(trajectory.objectives, shrunk**2, rtol=2e-5)
        np.testing.assert_array_equal(trajectory.weights[:, :-1], 0.5)
        rows = _journal.read(path / "metrics.jsonl").records
        np.testing.assert_allclose([row["objectives"] for row in rows],
                                   (shrunk**2).mean(axis=0), rtol=2e-5)  # fmt: skip
        assert _folder.verify(path)["final"] == rows[-1]


def test_seeds_are_paired_across_methods_and_differ_from_each_other(cell, tmp_path):
    starts = {}
    for method, seed in itertools.product(("mean", "rlw"), (0, 1)):
        (job,) = _plan.jobs([replace(cell, method=method, optimizer="sgd", seed=seed)])
        run_job(job, tmp_path)
        path = _folder.folder(tmp_path, job.cells[0]) / "trajectory.npz"
        starts[method, seed] = moo.Trajectory.load(path)
    for seed in (0, 1):
        one, other = starts["mean", seed], starts["rlw", seed]
        np.testing.assert_array_equal(one.params[:, 0], other.params[:, 0])
    assert not np.array_equal(starts["mean", 0].params[:, 0], starts["mean", 1].params[:, 0])
    assert not np.array_equal(starts["rlw", 0].weights[0, :3], starts["rlw", 1].weights[0, :3])
    assert not np.array_equal(starts["rlw", 0].weights[0, :3], starts["rlw", 0].weights[1, :3])


def test_a_second_call_runs_nothing(job, tmp_path, straight, monkeypatch):
    monkeypatch.setattr(_execute, "Program", None)
    outcomes = run_job(job, tmp_path / "straight")
    assert statuses(outcomes) == ["done", "done"]
    assert not any(outcome.fresh for outcome in outcomes)
    assert contents(tmp_path / "straight") == straight


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_stopped_and_resumed_is_bit_identical(job, tmp_path, straight, chunks):
    assert statuses(run_job(job, tmp_path, stop_after(chunks))) == ["stopped", "stopped"]
    assert len(list(tmp_path.glob("checkpoints/*.npz"))) == min(chunks, 1)
    outcomes = run_job(job, tmp_path)
    assert [(outcome.status, outcome.note) for outcome in outcomes] == [("done", "")] * 2
    assert contents(tmp_path) == straight
    assert not list(tmp_path.glob("checkpoints/*"))


def test_a_resumed_run_that_is_stopped_before_its_next_row_keeps_its_checkpoint(
    job, tmp_path, straight
):
    run_job(job, tmp_path, stop_after(1))
    outcomes = run_job(job, tmp_path, stop_after(0))
    outcomes += run_job(job, tmp_path, Limits(0.0, stop_after(0).stop))
    assert [(outcome.status, outcome.note) for outcome in outcomes] == [("stopped", "")] * 4
    run_job(job, tmp_path)
    assert contents(tmp_path) == straight


def test_frequent_checkpoints_change_nothing(job, tmp_path, straight):
    run_job(job, tmp_path, Limits(0.0))
    assert contents(tmp_path) == straight


@pytest.mark.parametrize("target", ["save", "append", "finish"])
@pytest.mark.parametrize("call", [0, 1, 2])
def test_an_error_at_any_write_is_made_good_by_the_next_run(
    job, tmp_path, straight, monkeypatch, target, call
):
    module = {"save": _checkpoint, "append": _journal, "finish": _folder}[target]
    real, count = getattr(module, target), itertools.count()

    def failing(*args):
        if next(count) == call:
            raise OSError(28, "No space left on device")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(module, target, failing)
        first = run_job(job, tmp_path, Limits(0.0))
    if next(count) > call:
        assert statuses(first) == ["error", "error"]
        assert "No space left" in first[0].note
        assert "failing" in first[0].trace
    assert statuses(run_job(job, tmp_path)) == ["done", "done"]
    assert contents(tmp_path) == straight


def test_a_kill_between_journal_and_checkpoint_leaves_rows_that_are_cut(
    job, tmp_path, straight, monkeypatch
):
    run_job(job, tmp_path, stop_after(1))
    for one in job.cells:
        path = _folder.folder(tmp_path, one) / "metrics.jsonl"
        _journal.append(path, {"step": 5, "written": "after the checkpoint"})
        path.write_bytes(path.read_bytes() + b'{"crc":"00')
    assert [outcome.note for outcome in run_job(job, tmp_path)] == ["", ""]
    assert contents(tmp_path) == straight


@pytest.mark.parametrize("name", ["config.json", "env.json"])
def test_a_kill_while_a_file_is_written_leaves_no_trace(job, tmp_path, straight, name):
    run_job(job, tmp_path, stop_after(1))
    path = _folder.folder(tmp_path, job.cells[0])
    (path / name).write_bytes((path / name).read_bytes()[:5])
    (path / ".summary.json.1234.part").write_bytes(b"{")
    assert [outcome.note for outcome in run_job(job, tmp_path)] == ["", ""]
    assert contents(tmp_path) == straight
    assert not list(path.glob("*.part"))


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("what", ["checkpoints/*.npz", "cells/*/metrics.jsonl"])
def test_a_damaged_unfinished_block_starts_over_and_says_so(job, tmp_path, straight, what):
    run_job(job, tmp_path, stop_after(2))
    flip(next(tmp_path.glob(what)))
    outcomes = run_job(job, tmp_path)
    assert statuses(outcomes) == ["done", "done"]
    assert "started over: " in outcomes[0].note
    assert "damaged" in outcomes[0].note
    assert contents(tmp_path) == straight


def test_a_checkpoint_of_another_environment_is_not_continued(job, tmp_path, straight, monkeypatch):
    real = _block.environment()
    with monkeypatch.context() as patch:
        patch.setattr(_block, "environment", lambda: real | {"commit": "another"})
        run_job(job, tmp_path, stop_after(2))
    outcomes = run_job(job, tmp_path)
    assert "another environment" in outcomes[0].note
    assert contents(tmp_path) == straight


@pytest.mark.parametrize("name", ["summary.json", "metrics.jsonl", "trajectory.npz"])
def test_a_damaged_finished_cell_is_named_and_left_alone(job, tmp_path, straight, name):
    root = tmp_path / "straight"
    damaged = _folder.folder(root, job.cells[1]) / name
    flip(damaged)
    before = contents(root)
    outcomes = run_job(job, root)
    assert statuses(outcomes) == ["done", "damaged"]
    assert str(damaged) in outcomes[1].note
    assert contents(root) == before


def test_a_cell_does_not_depend_on_which_neighbours_are_wanted(job, tmp_path, straight):
    alone = job.blocks[0]._replace(cells=job.blocks[0].cells[1:])
    assert statuses(run_job(job._replace(blocks=(alone,)), tmp_path)) == ["done"]
    found = contents(tmp_path)
    assert found == {key: straight[key] for key in found}
    assert len(found) == 5


def test_a_cell_that_another_runner_holds_is_left_to_it(job, tmp_path):
    with _folder.locked(_folder.folder(tmp_path, job.cells[1])):
        assert statuses(run_job(job, tmp_path)) == ["busy", "busy"]
    assert contents(tmp_path) == {}


def test_nan_is_a_failure_that_is_recorded_for_good(cell, tmp_path):
    (job,) = _plan.jobs([replace(cell, learning_rate=1e30, optimizer="sgd", seed=0)])
    for fresh in (True, False):
        (outcome,) = run_job(job, tmp_path)
        assert (outcome.status, outcome.fresh) == ("failed", fresh)
        assert outcome.note == "non-finite in 2 of 2 starts, first from start 0 at or before step 5"
    path = _folder.folder(tmp_path, job.cells[0])
    rows = _journal.read(path / "metrics.jsonl").records
    assert rows[-1]["objectives"] == [None, None]
    assert json.loads((path / "summary.json").read_text())["status"] == "failed"


def test_what_a_method_raises_is_the_outcome_of_its_cells_only(cell, tmp_path):
    bad, good = (
        _plan.jobs([replace(cell, method=method, options=options)])[0]
        for method, options in (("cagrad", {"none": 1}), ("rlw", {}))
    )
    (outcome,) = run_job(bad, tmp_path)
    assert outcome.status == "error"
    assert outcome.note.startswith("TypeError: cagrad has no hyper-parameter 'none'")
    assert statuses(run_job(good, tmp_path)) == ["done"]


def test_times_are_kept_apart(job, tmp_path, straight):
    path = _folder.folder(tmp_path / "straight", job.cells[0])
    events = [record["event"] for record in _journal.read(path / _folder.TIMING).records]
    assert events == ["compile", "run", "measure", "end"]
    assert b"seconds" not in b"".join(straight.values())
