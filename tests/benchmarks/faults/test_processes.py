"""Processes that are signalled and reaped, tried on a program that sleeps."""

import os
import random
import signal

import pytest

from benchmarks.faults._processes import FailedError, Pace, Sweep, _signal, benchmarks_command

SLEEPER = """
import os, pathlib, sys, time
suite, out, child, code = sys.argv[1:]
if child == "child" and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
(pathlib.Path(out) / "cells").mkdir(parents=True, exist_ok=True)
(pathlib.Path(out) / "cells" / str(time.time_ns())).touch()
print("slept", flush=True)
time.sleep(60 if child == "child" else 0)
sys.exit(int(code))
"""


@pytest.fixture
def sleeper(tmp_path):
    """Return a sweep that runs the sleeper instead of the command."""
    (tmp_path / "sleeper.py").write_text(SLEEPER)

    def sweep(*arguments):
        path = {"PYTHONPATH": str(tmp_path)}
        out = tmp_path / "out"
        return Sweep(tmp_path / "s.toml", out, *arguments, module="sleeper", environment=path)

    return sweep


def group(process):
    """Return the processes of a group that are still there, dead ones included."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getpgid(int(entry)) == process.pid:
                found.append(int(entry))
        except ProcessLookupError:
            continue
    return found


def test_what_a_sweep_says_is_returned_when_it_ends(sleeper):
    with sleeper("alone", "0") as sweep:
        assert sweep.through() == "slept\n"
        pace = sweep.pace()
    assert pace.start > 0
    assert pace.work >= 0


def test_a_sweep_that_fails_says_so(sleeper):
    with sleeper("alone", "4") as sweep, pytest.raises(FailedError, match=r"with 4:\nslept"):
        sweep.through()


def test_a_signal_that_comes_too_late_hits_nobody(sleeper):
    with sleeper("alone", "0") as sweep:
        assert sweep.interrupted(signal.SIGKILL, False, 30.0, random.Random(0)) == (0, "")


def test_whoever_is_killed_nobody_is_left(sleeper):
    draws, hits = random.Random(0), set()
    while hits != {"all processes", "the first process", "a worker"}:
        with sleeper("child", "0") as sweep:
            before, process = sweep._state(), sweep.begin()
            sweep._touched(process, before)
            assert len(group(process)) == 2
            hits.add(_signal(process, signal.SIGKILL, draws))
        assert group(process) == []


def test_instants_lie_within_the_pace():
    draws, pace = random.Random(1), Pace(start=3.0, work=8.0)
    instants = [pace.instant(draws, share=0.5) for _ in range(200)]
    early = [seconds for touched, seconds in instants if not touched]
    late = [seconds for touched, seconds in instants if touched]
    assert 0 < len(early) < len(late)
    assert 0 <= min(early) <= max(early) <= 3.0
    assert 0 <= min(late) <= max(late) <= 4.0


def test_a_command_that_fails_is_shown(tmp_path):
    with pytest.raises(FailedError, match="invalid choice: 'nothing'"):
        benchmarks_command("nothing", scratch=tmp_path)
