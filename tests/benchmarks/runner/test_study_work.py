import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import jax
import numpy as np
import optax
import pytest

import moo
from benchmarks.runner import _execute, _folder, _journal, _plan, _study_work
from benchmarks.runner._block import Limits
from benchmarks.runner._cell import Cell
from benchmarks.runner._execute import run_job
from benchmarks.runner._study_program import StudyProgram
from benchmarks.runner._study_work import StudyWork
from moo.data import DataError

# Random weights, so that there are random keys in the state.
CELL = Cell(
    suite="test", problem="short_video", model="shared_bottom", method="rlw", seed=0, steps=5,
    every=2, learning_rate=0.01, lanes=2,
    problem_options={"num_rows": 2_000, "batch_size": 64, "num_users": 50, "num_items": 20},
)  # fmt: skip


@pytest.fixture(scope="module")
def program():
    return StudyProgram(CELL)


@pytest.fixture(autouse=True)
def _compile_once(monkeypatch, program):
    monkeypatch.setattr(_execute, "StudyProgram", lambda cell: program)


@pytest.fixture
def job():
    (only,) = _plan.jobs([replace(CELL, seed=seed) for seed in (0, 1)])
    return only


def contents(root):
    """Return the bytes of all files that no clock decides, by cell and name."""
    return {
        (path.parent.name, path.name): path.read_bytes()
        for path in (root / "cells").glob("*/[!.]*")
        if path.name != _folder.TIMING
    }


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


@pytest.fixture(scope="module")
def straight(program, tmp_path_factory):
    """What an uninterrupted run leaves."""
    root = tmp_path_factory.mktemp("straight")
    (job,) = _plan.jobs([replace(CELL, seed=seed) for seed in (0, 1)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_execute, "StudyProgram", lambda cell: program)
        assert statuses(run_job(job, root)) == ["done", "done"]
    return root, contents(root)


@pytest.mark.parametrize("chunks", [1, 2])
def test_stopped_and_resumed_is_bit_identical(job, tmp_path, straight, chunks):
    asked = itertools.count()
    # Asked once before the block, then before every chunk.
    limits = Limits(1e9, lambda: next(asked) > chunks)
    assert statuses(run_job(job, tmp_path, limits)) == ["stopped", "stopped"]
    outcomes = run_job(job, tmp_path)
    assert [(outcome.status, outcome.note) for outcome in outcomes] == [("done", "")] * 2
    assert contents(tmp_path) == straight[1]
    assert not list(tmp_path.glob("checkpoints/*"))


def test_a_cell_does_not_depend_on_its_neighbours_or_on_checkpoints(job, tmp_path, straight):
    alone = job.blocks[0]._replace(cells=job.blocks[0].cells[1:])
    assert statuses(run_job(job._replace(blocks=(alone,)), tmp_path, Limits(0.0))) == ["done"]
    found = contents(tmp_path)
    assert found == {key: straight[1][key] for key in found}
    assert len(found) == 6


def test_a_step_is_that_of_the_weighted_loss_on_the_batch(program, job):
    work, study, tx = StudyWork(program, job.blocks[0]), program.study, optax.adam(0.01)
    state = work.begin()
    params = [study.begin(seed) for seed in (0, 1)]
    inner = [tx.init(each) for each in params]
    evaluate = jax.jit(lambda p, arrays: study.losses(study.predict(p, arrays), arrays))
    slope = jax.jit(jax.grad(lambda p, arrays, w: w @ evaluate(p, arrays)))
    move = jax.jit(lambda p, state, slope: _moved(tx, p, state, slope))
    every = np.arange(len(study.train["click"]))
    for step in range(3):
        state, row = work.advance(state, step, 1)
        assert row.finite.all()
        for lane, seed in enumerate((0, 1)):
            rows = np.random.default_rng([seed, 0]).permutation(every)[64 * step : 64 * step + 64]
            batch = {name: column[rows] for name, column in study.train.items()}
            gradient = slope(params[lane], batch, row.weights[lane])
            params[lane], inner[lane] = move(params[lane], inner[lane], gradient)
    losses = work.record(state)[1]["losses"]
    for lane in (0, 1):
        expected = evaluate(params[lane], dict(study.validation.arrays))
        np.testing.assert_allclose(losses[lane], expected, rtol=1e-4)
    assert not np.array_equal(row.weights[0], row.weights[1])


def _moved(tx, params, state, gradient):
    update, state = tx.update(gradient, state)
    return optax.apply_updates(params, update), state


def test_batches_and_initial_models_are_paired_over_methods(program):
    seen = []

    def advance(state, told, rows, count):
        seen.append(rows[:, :count].copy())
        return state, None

    stub = SimpleNamespace(study=program.study, state=None, seconds=0.0, advance=advance,
                           begin=lambda seeds, told: seen.append(seeds))  # fmt: skip
    for method in ("rlw", "mean"):
        (job,) = _plan.jobs([replace(CELL, method=method, seed=seed) for seed in (0, 1)])
        work = StudyWork(stub, job.blocks[0])
        work.begin()
        work.advance(None, 0, 2)
        work.advance(None, 4, 1)
    one, other = seen[:3], seen[3:]
    assert one[0] == other[0] == (0, 1)
    for a, b in zip(one[1:], other[1:], strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a[0], a[1])


def test_what_is_measured_is_written_and_answered_for(straight, program):
    root, found = straight
    path = _folder.folder(root, CELL)
    rows = _journal.read(path / "metrics.jsonl").records
    assert [row["step"] for row in rows] == [0, 2, 4, 5]
    summary = _folder.verify(path)
    assert summary["final"] == min(rows, key=lambda row: np.prod(row["objectives"]))
    assert {"test.json", "trajectory.npz"} < summary["files"].keys()
    trajectory = moo.Trajectory.load(path / "trajectory.npz")
    assert trajectory.params is None
    assert trajectory.names == ("click", "conversion")
    np.testing.assert_array_equal(trajectory.objectives[0, -1], rows[-1]["objectives"])
    assert np.isfinite(trajectory.weights[0, :-1]).all()
    test = json.loads(found[CELL.address, "test.json"])
    assert tuple(test) == tuple(sorted(program.study.test.names))
    assert test["task_1_auc"] != rows[-1]["task_1_auc"]
    assert 0 < test["cvr_log_loss_impressions"] < 2


def test_cells_keep_the_checksum_of_the_data(job, program):
    read = SimpleNamespace(study=program.study._replace(checksum="ab"), state=None, seconds=0.0)
    assert StudyWork(read, job.blocks[0]).facts == {"data": "ab"}
    assert StudyWork(program, job.blocks[0]).facts == {}  # simulated


def test_the_row_of_the_least_geometric_mean_is_judged(job, program):
    work = StudyWork(program, job.blocks[0])
    # Products 3, 2.5, 2.4, 2.4: the least comes first at row 2, though row 0 has the least sum.
    losses = np.array([[[1.5, 2.0], [1.0, 2.5], [4.0, 0.6], [0.6, 4.0]]])
    assert work.choose({"losses": losses}) == 2
    losses[0, 1, 0] = np.nan
    assert work.choose({"losses": losses}) == 1


def test_a_study_may_choose_by_metrics_in_place_of_its_losses(job, program):
    names = program.study.validation.names
    told = program.study._replace(chosen_by=(names[3], names[1]))
    work = StudyWork(SimpleNamespace(study=told, state=None, seconds=0.0), job.blocks[0])
    losses, metrics = np.array([[[1.0, 1.0], [2.0, 2.0]]]), np.ones((1, 2, len(names)))
    metrics[0, :, [1, 3]] = [[2.0, 1.0], [3.0, 3.5]]  # sums 5 and 4.5
    assert work.choose({"losses": losses, "metrics": metrics}) == 1
    metrics[0, 0, 3] = np.nan
    assert work.choose({"losses": losses, "metrics": metrics}) == 0


def test_a_task_that_no_validation_row_has_does_not_decide(job, program):
    told = program.study._replace(chosen_by=program.study.validation.names[:2])
    work = StudyWork(SimpleNamespace(study=told, state=None, seconds=0.0), job.blocks[0])
    metrics = np.ones((1, 2, len(told.validation.names)))
    # Clicks are learnt; the log-loss of conversions, of which there are none, is as good as zero.
    metrics[0, :, :2] = [[0.1713, 2e-5], [0.1683, 1.8e-4]]
    assert work.choose({"losses": metrics[..., :2], "metrics": metrics}) == 1


def test_an_objective_without_labels_does_not_decide(job, program):
    work = StudyWork(program, job.blocks[0])
    losses = np.array([[[2.0, 0.0], [1.0, 0.0], [3.0, 0.0]]])
    assert work.choose({"losses": losses}) == 1


def test_the_test_rows_are_predicted_once_by_the_best_parameters(job, program, monkeypatch):
    work = StudyWork(program, job.blocks[0])
    states, state = [], work.begin()
    for level in ([3.0, 1.0], [2.0, 2.0], [2.0, 3.0]):  # row 1 is best for one lane, 0 for another
        monkeypatch.setattr(_study_work, "level", lambda losses, level=level: np.float32(level))
        state, _ = work.record(state)
        states.append(state)
        state, _ = work.advance(state, 0, 1)
    best = [states[1].params, states[0].params]
    expected = [
        program.study.test.measure(program.predict(state._replace(best=params))[lane])
        for lane, params in enumerate(best)
    ]
    found = work.examine(state)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_equal(
            one, {name: v if np.isfinite(v) else None for name, v in other.items()}
        )


def test_a_flipped_bit_in_the_test_metrics_is_found(job, straight, tmp_path):
    run_job(job, tmp_path)
    path = _folder.folder(tmp_path, job.cells[0]) / "test.json"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    outcome, other = run_job(job, tmp_path)
    assert (outcome.status, other.status) == ("damaged", "done")
    assert str(path) in outcome.note


def test_nan_is_a_failure_without_metrics(job, tmp_path):
    cell = replace(CELL, learning_rate=1e38)
    (job,) = _plan.jobs([cell])
    (outcome,) = run_job(job, tmp_path)
    assert outcome.status == "failed"
    assert outcome.note.startswith("non-finite in 1 of 1 starts, first from start 0 at")
    path = _folder.folder(tmp_path, cell)
    assert set(json.loads((path / "test.json").read_bytes()).values()) == {None}
    assert _folder.verify(path)["final"]["task_1_auc"] is None


def test_data_that_cannot_be_read_is_said(monkeypatch, job, tmp_path):
    def unreadable(cell):
        raise DataError("coat: no folder to read it from\nset root=")

    monkeypatch.setattr(_execute, "StudyProgram", unreadable)
    outcomes = run_job(job, tmp_path)
    assert statuses(outcomes) == ["no data", "no data"]
    assert outcomes[0].note == "coat: no folder to read it from; set root="


def test_one_start_a_seed():
    with pytest.raises(ValueError, match="starts must be 1"):
        StudyProgram(replace(CELL, starts=2))


def test_studies_share_a_program_by_method_model_and_data():
    wanted = [
        replace(CELL, method=method, model=model, seed=seed, learning_rate=rate)
        for method in ("mean", "rlw")
        for model in ("shared_bottom", "mmoe")
        for seed in (0, 1, 2)
        for rate in (0.1, 0.01)
    ]
    found = _plan.jobs(wanted)
    assert found == _plan.jobs(reversed(wanted))
    assert len(found) == 4
    for job in found:
        assert len({(cell.method, cell.model) for cell in job.cells}) == 1
        assert sorted(block.seeds for block in job.blocks) == [(0, 1)] * 2 + [(2, 3)] * 2
