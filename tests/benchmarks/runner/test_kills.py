"""A sweep that is killed again and again ends in the same bytes as one that ran through.

`python -m benchmarks faults` does the same a hundred times.
"""

import signal

import pytest

from benchmarks.faults import _cases, _kills, _sharing
from benchmarks.faults._finding import Finding, Plan

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A sweep that nobody disturbed: twelve cells."""
    found = _kills.straight(tmp_path_factory.mktemp("sweep"), _cases.SWEEP)
    assert len({address for address, _ in found.expected}) == 12
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_sweep_survives_signals_at_random_instants(straight, tmp_path, number):
    finding = _kills.kills(straight, Plan(2, tmp_path), Finding("a signal"), number)
    assert finding.held, finding.broken
    assert finding.count == 2


def test_two_sweeps_on_one_folder_share_the_work(straight, tmp_path):
    (finding,) = _sharing.pairs(straight, Plan(1, tmp_path))
    assert finding.held, finding.broken
