"""A sweep that is killed again and again ends in the same bytes as one that ran through."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import pytest

from benchmarks.runner._folder import TIMING, verify

SUITE = """
optimizer = "adam"
[methods]
[problems]
[scales.smoke]
problems = ["two_task_toy", "elementwise_quadratic"]
methods = ["mean", "rlw"]
seeds = 3
starts = 2
steps = 100000
every = 500
lanes = 2
learning_rates = [0.01]
"""


def begin(suite, out, log="log"):
    """Start a sweep in a process group of its own, and let it speak to a file."""
    environment = os.environ | {
        "JAX_COMPILATION_CACHE_DIR": jax.config.jax_compilation_cache_dir,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    command = ["run", str(suite), "--out", str(out), "--checkpoint-seconds", "0.05"]
    with (out.parent / log).open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks", *command],
            env=environment, start_new_session=True, stderr=stream,
        )  # fmt: skip


def ended(process, out, log="log"):
    """Wait for a sweep that nobody disturbs, and return what it said."""
    code, text = process.wait(300), (out.parent / log).read_text()
    assert code == 0, text
    return text


def contents(root):
    return {
        (path.parent.name, path.name): path.read_bytes()
        for path in (root / "cells").glob("*/[!.]*")
        if path.name != TIMING
    }


def summaries(root):
    """Return when each finished cell was finished."""
    return {path: path.stat().st_mtime_ns for path in root.glob("cells/*/summary.json")}


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A suite, and what a sweep that nobody disturbed leaves."""
    root = tmp_path_factory.mktemp("sweep")
    (root / "two.toml").write_text(SUITE)
    ended(begin(root / "two.toml", root / "straight"), root / "straight")
    found = contents(root / "straight")
    assert len(found) == 12 * 5
    return root / "two.toml", found


@pytest.mark.conformance
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_sweep_survives_signals_at_random_instants(straight, tmp_path, number):
    suite, expected = straight
    out, draws = tmp_path / "out", random.Random(int(number))
    finished, codes = {}, []
    while len(codes) < 3:
        process = begin(suite, out)
        # From its start to its end, imports included.
        time.sleep(draws.uniform(1.0, 12.0))
        if draws.random() < 0.5:  # as a terminal does
            os.killpg(process.pid, number)
        else:  # the workers are left to notice it themselves
            process.send_signal(number)
        codes.append(process.wait(120))
        for path, moment in finished.items():
            assert path.stat().st_mtime_ns == moment, "a finished cell was run twice"
        finished = summaries(out)
        for path in finished:
            verify(path.parent)
    # A signal before Python has come to the sweep, or after its end, finds nobody who answers it.
    assert set(codes) <= {0, -number, 130}
    ended(begin(suite, out), out)
    assert contents(out) == expected
    assert not list(out.glob("checkpoints/*"))


@pytest.mark.conformance
def test_two_sweeps_on_one_folder_share_the_work(straight, tmp_path):
    suite, expected = straight
    out, logs = tmp_path / "out", ("first", "second")
    pair = [begin(suite, out, log) for log in logs]
    told = [ended(process, out, log) for process, log in zip(pair, logs, strict=True)]
    assert contents(out) == expected
    fresh = [int(text.split(" finished just now")[0].split()[-1]) for text in told]
    assert sum(fresh) == 12
