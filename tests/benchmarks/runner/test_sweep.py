import io
import os
import signal
from dataclasses import replace

import pytest
from rich.console import Console

from benchmarks.__main__ import main
from benchmarks.runner import _backends, _execute, _folder, _plan, _sweep
from benchmarks.runner._execute import Outcome
from benchmarks.runner._suite import UsageError

INLINE = _sweep.Settings(workers=1)


@pytest.fixture
def jobs(cell):
    """Two jobs: two seeds by random weights, one seed by their mean."""
    seeds = [replace(cell, seed=seed) for seed in (0, 1)]
    return _plan.jobs([*seeds, replace(cell, method="mean", optimizer="sgd")])


def run(jobs, root, settings=INLINE):
    """Return the exit code and what was shown."""
    text = io.StringIO()
    return _sweep.sweep(jobs, root, settings, Console(file=text, width=300)), text.getvalue()


def test_a_sweep_ends_with_a_line_of_counts(jobs, tmp_path):
    code, text = run(jobs, tmp_path)
    assert code == 0
    assert "sweep 3/3 cells" in text
    assert "3 done; 3 finished just now" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells"]


def test_a_finished_sweep_asks_no_worker(jobs, tmp_path, monkeypatch):
    run(jobs, tmp_path)
    monkeypatch.setattr(_sweep, "_results", None)
    code, text = run(jobs, tmp_path)
    assert code == 0
    assert "3 done; 0 finished just now" in text


def test_failures_are_listed_and_counted(cell, tmp_path):
    failing = replace(cell, learning_rate=1e30, method="mean", optimizer="sgd")
    code, text = run(_plan.jobs([failing, replace(cell, seed=1)]), tmp_path)
    assert code == 4
    assert "1 failed" in text
    assert f"failed: mean on elementwise_quadratic, seed 0 ({failing.address[:12]})" in text
    assert "non-finite in 2 of 2 starts" in text


def test_the_traceback_of_an_error_is_kept(cell, tmp_path):
    bad = replace(cell, method="cagrad", options={"none": 1})
    code, text = run(_plan.jobs([bad]), tmp_path)
    assert code == 4
    assert "has no hyper-parameter 'none'" in text
    trace = (tmp_path / "errors" / f"{bad.address}.txt").read_text()
    assert trace.startswith("Traceback")


def test_a_trace_that_cannot_be_kept_is_no_other_failure(cell, tmp_path):
    (tmp_path / "errors").touch()
    code, text = run(_plan.jobs([replace(cell, method="cagrad", options={"none": 1})]), tmp_path)
    assert code == 4
    assert "tracebacks are not kept: [Errno 17] File exists" in text


def test_what_a_killed_run_left_of_finished_blocks_is_removed(jobs, tmp_path):
    folder, address = tmp_path / "checkpoints", jobs[0].blocks[0].address
    folder.mkdir()
    names = {f"{address}.npz", f".{address}.npz.0.part", f".{address}.npz.1.part", "other.npz"}
    for name in names:
        (folder / name).touch()
    os.utime(folder / f".{address}.npz.1.part", (2**32, 2**32))
    run(jobs, tmp_path)
    # A young one may be another runner's, and the other is of no block of these.
    assert {path.name for path in folder.iterdir()} == {f".{address}.npz.1.part", "other.npz"}


@pytest.mark.parametrize(
    ("sweeper", "expected"),
    [("gone", "stopped"), ("itself", "done"), ("its parent", "done"), ("unknown", "done")],
)
def test_a_worker_runs_for_a_sweep_that_is_there(jobs, tmp_path, sweeper, expected):
    number = {"gone": 2**22 + 1, "itself": os.getpid(), "its parent": os.getppid()}.get(sweeper)
    _, outcomes = _sweep._work(0, jobs[0], tmp_path, 10.0, tmp_path / "stop", number)
    assert {outcome.status for outcome in outcomes} == {expected}


def test_damage_ends_with_its_own_code(jobs, tmp_path):
    run(jobs, tmp_path)
    path = _folder.folder(tmp_path, jobs[0].cells[0]) / "config.json"
    path.write_bytes(path.read_bytes()[:-2])
    code, text = run(jobs, tmp_path)
    assert code == 3
    assert "config.json is damaged: its sha256 does not hold; remove the folder" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_sweep_after_a_checkpoint(jobs, tmp_path, monkeypatch, number):
    before = signal.getsignal(number)
    real, calls = _sweep.run_job, []

    def interrupted(job, out, limits):
        if not calls:
            os.kill(os.getpid(), number)
        calls.append(job)
        return real(job, out, limits)

    with monkeypatch.context() as patch:
        patch.setattr(_sweep, "run_job", interrupted)
        code, text = run(jobs, tmp_path)
    assert code == 130
    assert "3 stopped" in text
    assert signal.getsignal(number) is before
    assert not list(tmp_path.glob(".stop*"))
    assert run(jobs, tmp_path)[0] == 0


def test_cells_that_another_runner_holds_are_waited_for(jobs, tmp_path, monkeypatch):
    lock = _folder.locked(_folder.folder(tmp_path, jobs[0].cells[0]))
    lock.__enter__()
    monkeypatch.setattr(_sweep.time, "sleep", lambda seconds: lock.__exit__(None, None, None))
    code, text = run(jobs, tmp_path)
    assert code == 0
    assert "waiting for another runner: 1 cells" in text
    assert "3 done; 3 finished just now" in text


@pytest.mark.parametrize(
    ("asked", "expected", "status"), [(False, 4, "error"), (True, 130, "stopped")]
)
def test_a_lost_worker_costs_what_is_not_on_disk_yet(
    jobs, tmp_path, monkeypatch, asked, expected, status
):
    class Broken:
        def __init__(self, **options):
            pass

        def __call__(self, calls):
            function, args, options = calls[0]
            yield function(*args, **options)
            if asked:
                os.kill(os.getpid(), signal.SIGTERM)
            raise RuntimeError("a worker is gone")

    with monkeypatch.context() as patch:
        patch.setattr(_sweep.joblib, "Parallel", Broken)
        code, text = run(jobs, tmp_path)
    assert code == expected
    assert f"1 done, 2 {status}" in text
    assert "a worker was lost (RuntimeError: a worker is gone): run the command again" in text
    assert run(jobs, tmp_path)[0] == 0


def test_the_gravest_outcome_decides_the_exit_code(cell):
    def code(*statuses):
        return _sweep.exit_code([Outcome(cell, status) for status in statuses])

    assert code() == code("done") == 0
    assert code("done", "failed") == code("error") == 4
    assert code("damaged", "error") == 3
    assert code("stopped", "damaged") == 130


def test_an_unknown_or_missing_backend_is_a_usage_error(monkeypatch):
    with pytest.raises(UsageError, match="unknown backend 'slurm'"), _backends.workers("slurm", 1):
        pass
    monkeypatch.setattr(_backends, "find_spec", lambda name: None)
    for backend in ("ray", "dask"):
        message = rf"pip install 'moo-jax\[bench,{backend}\]'"
        with pytest.raises(UsageError, match=message), _backends.workers(backend, 1):
            pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no_such_suite"], "unknown suite 'no_such_suite'"),
        (["synthetic", "--methods", "mgad"], "unknown method 'mgad'"),
        (["none.toml"], "there is no file none.toml"),
        (["synthetic", "--out", "/dev/null/runs"], "/dev/null/runs"),
        (["synthetic", "--workers", "0"], "--workers must be at least 1, got 0"),
        (["synthetic", "--trials", "0"], "--trials must be at least 1, got 0"),
    ],
)
def test_the_command_line_says_what_is_wrong(arguments, message, capsys):
    assert main(["run", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_command_line_runs_a_suite(cell, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_plan, "cells", lambda suite, scale, methods, trials: [cell])
    arguments = ["run", "synthetic", "--workers", "1", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert _execute.stored(tmp_path, cell).status == "done"
    assert "1 done; 1 finished just now" in capsys.readouterr().err
