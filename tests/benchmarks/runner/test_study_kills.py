"""A study that is killed while it trains ends in the same bytes as one that ran through."""

import signal

import pytest

from benchmarks.faults import _kills
from benchmarks.faults._finding import Finding, Plan

SUITE = """
kind = "studies"
optimizer = "adam"
[methods]
[problems]
short_video = { num_rows = 2000, batch_size = 64, num_users = 50, num_items = 20 }
[scales.smoke]
problems = ["short_video"]
models = ["shared_bottom"]
methods = ["rlw"]
seeds = 2
starts = 1
steps = 2000
every = 50
lanes = 2
learning_rates = [0.001]
"""


@pytest.mark.conformance
def test_a_study_survives_being_killed(tmp_path):
    straight = _kills.straight(tmp_path, SUITE)
    assert {name for _, name in straight.expected} > {"metrics.jsonl", "test.json"}
    plan = Plan(1, tmp_path / "killed")
    plan.scratch.mkdir()
    finding = _kills.kills(straight, plan, Finding("a kill"), signal.SIGKILL)
    assert finding.held, finding.broken
    assert finding.count == 1
