import random

import pytest

from benchmarks.faults import _cases, _kills, _sharing
from benchmarks.faults._finding import Plan
from benchmarks.faults._shuffled import shuffled
from benchmarks.runner._execute import Job


def test_jobs_and_their_blocks_change_their_order_only():
    jobs = [Job((), tuple(f"{name}{i}" for i in range(6))) for name in "abcdef"]
    orders = [shuffled(jobs, order) for order in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != jobs
    assert sorted(sorted(job.blocks) for job in orders[0]) == [list(job.blocks) for job in jobs]


def test_a_sweep_says_how_many_cells_it_finished():
    assert _sharing._fresh("12 done; 1,007 finished just now, 3.0 s") == 1007


def test_signals_allow_the_exit_codes_that_they_explain():
    def codes(number, hit):
        return _kills.Signals(number, random.Random(0), None)._codes(hit)

    assert codes(9, "") == codes(15, "") == {0}
    assert codes(9, "all processes") == {-9, 0}
    assert codes(15, "the first process") == {-15, 0, 130}
    assert codes(9, "a worker") == {0, 4}


@pytest.mark.conformance
def test_neither_order_nor_hash_seed_changes_a_bit(tmp_path):
    reference, plan = _kills.straight(tmp_path, _cases.SHORT, workers=1), Plan(1, tmp_path)
    for finding in (*_sharing.orders(reference, plan), _sharing.hashes(reference, plan)):
        assert finding.held, finding.broken


@pytest.mark.conformance
def test_a_training_run_survives_a_kill(tmp_path):
    (finding,) = _kills.run_kills(Plan(1, tmp_path))
    assert finding.held, finding.broken
