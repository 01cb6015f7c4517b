import importlib

import pytest

from benchmarks.__main__ import main
from benchmarks.faults import _command
from benchmarks.faults._catalogue import FAULTS, find
from benchmarks.faults._finding import Finding, Plan
from benchmarks.faults._processes import FailedError


@pytest.fixture
def done(monkeypatch):
    """Replace all faults, and return the plans that they are done by; truncation breaks."""
    plans = {}

    def fault(name, plan):
        plans[name] = plan
        (plan.scratch / "file").touch()
        finding = Finding(name)
        finding.saw("detected")
        finding.expect(name != "truncation", "one was missed")
        return [finding]

    monkeypatch.setattr(_command, "find", fault)
    return plans


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_there_and_says_what_it_does(name):
    module = importlib.import_module(f"benchmarks.faults.{FAULTS[name].module}")
    assert getattr(module, FAULTS[name].function).__doc__


def test_one_fault_is_done_as_often_as_asked(done, tmp_path, capsys):
    arguments = ["--count", "7", "--seed", "3", "--scratch", str(tmp_path)]
    assert main(["faults", "bit-flips", *arguments]) == 0
    plan = done["bit-flips"]
    assert plan[::2] == (7, 3)
    assert plan.scratch.parent == tmp_path
    assert not plan.scratch.exists()
    assert "1 detected" in capsys.readouterr().out


def test_all_faults_are_done_even_where_one_is_not_survived(done, tmp_path, capsys):
    assert main(["faults", "all", "--scratch", str(tmp_path), "--keep"]) == 4
    assert list(done) == list(FAULTS)
    assert [plan.times for plan in done.values()] == [fault.times for fault in FAULTS.values()]
    assert len(list(tmp_path.glob("*/file"))) == len(FAULTS)
    assert "truncation: one was missed" in capsys.readouterr().out


def test_a_negative_count_is_a_usage_error(done, capsys):
    assert main(["faults", "all", "--count", "-1"]) == 2
    assert "--count must be at least 0, got -1" in capsys.readouterr().err
    assert done == {}


def test_a_sweep_that_does_not_end_well_is_a_finding(tmp_path, monkeypatch):
    def failing(plan):
        raise FailedError("ended with 4")

    monkeypatch.setattr("benchmarks.faults._kills.run_kills", failing)
    (finding,) = find("run-kills", Plan(1, tmp_path))
    assert finding.broken == ["ended with 4"]
