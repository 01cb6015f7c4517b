import pytest

from benchmarks.faults import _damage
from benchmarks.faults._cases import SmallJob
from benchmarks.faults._finding import Finding, Plan
from benchmarks.runner import _folder, _journal


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A job of two cells, finished and stopped."""
    return SmallJob(tmp_path_factory.mktemp("small"))


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    return bytes(content)


def test_all_stored_files_are_harmed(small):
    names = [finding.did for _, _, finding in _damage._files(small)]
    both = ["config.json", "env.json", "metrics.jsonl", "timing.jsonl"]
    finished = sorted([*both, "summary.json", "trajectory.npz"])
    assert names == [
        *(f"finished: {name}" for name in finished),
        *(f"stopped: {name}" for name in [*both, "checkpoint"]),
    ]


def test_one_bit_of_each_file_is_detected_or_made_good(small):
    became = {}
    for hurt, path, finding in _damage._files(small):
        hurt(small, path, flipped(path), finding)
        assert finding.held, finding.broken
        (became[finding.did],) = finding.found
    over = {"stopped: metrics.jsonl", "stopped: timing.jsonl",
            "stopped: checkpoint"}  # fmt: skip
    assert {name for name, what in became.items() if what == "started over"} == over
    assert {name for name, what in became.items() if what == "detected"} == {
        name for name in became if name.startswith("finished")
    }


def test_damage_that_nobody_notices_is_a_finding(small, monkeypatch):
    real = _folder.summary
    monkeypatch.setattr(_folder, "verify", real)  # which looks at the summary alone
    path = _damage._stored(small.finished)[0]
    finding = Finding("one bit")
    _damage.hurt_finished(small, path, flipped(path), finding)
    assert finding.found == {"missed": 1}
    assert finding.broken == [
        "the cells are said to be ['done', 'done']",
        "config.json is not named",
    ]


def test_a_row_that_is_read_in_spite_of_its_checksum_is_a_finding(small, monkeypatch):
    monkeypatch.setattr(_journal, "_crc", lambda body: "0" * 8)
    metrics = next(path for path in _damage._stored(small.stopped) if "metrics" in path.name)
    finding = Finding("one bit")
    _damage.hurt_stopped(small, metrics, metrics.read_bytes(), finding)
    assert not finding.held


@pytest.mark.conformance
@pytest.mark.parametrize(("fault", "times"), [("truncation", 4), ("bit_flips", 100)])
def test_damage_at_random_places_is_survived(tmp_path, fault, times):
    findings = list(getattr(_damage, fault)(Plan(times, tmp_path)))
    assert {finding.did: finding.broken for finding in findings if not finding.held} == {}
    counted = sum(finding.count for finding in findings)
    assert counted == (times if fault == "bit_flips" else times * len(findings))
