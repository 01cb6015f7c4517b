import os
import resource

import pytest

from benchmarks.faults import _disk, _storage
from benchmarks.faults._finding import Finding, Plan


def test_writes_end_at_the_limit_of_a_file(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with (tmp_path / "file").open("wb", buffering=0) as file:
        with _disk.no_file_larger(5):
            assert file.write(b"12345678") == 5
            with pytest.raises(OSError, match="File too large"):
                file.write(b"678")
        assert file.write(b"678") == 3
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


def test_fsync_fails_from_some_call_on(tmp_path):
    with (tmp_path / "file").open("wb") as file, _disk.no_sync_from(1):
        os.fsync(file.fileno())
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                os.fsync(file.fileno())


def test_rights_are_given_back(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").touch()
    paths = (tmp_path, *tmp_path.rglob("*"))
    before = [path.stat().st_mode for path in paths]
    with _disk.unwritable(tmp_path):
        assert not any(path.stat().st_mode & 0o222 for path in paths)
    assert [path.stat().st_mode for path in paths] == before


def test_what_is_not_allowed_is_not_tried(tmp_path):
    finding = _storage._apart("full", ("false",), tmp_path, Finding("a mount"), Plan(1, tmp_path))
    assert finding.skipped
    assert finding.held
    assert finding.count == 0


def test_a_child_that_fails_is_a_finding(tmp_path):
    only_true = ("sh", "-c", 'test "$0" = true || { echo not this >&2; false; }')
    finding = _storage._apart("full", only_true, tmp_path, Finding("a mount"), Plan(1, tmp_path))
    assert finding.broken == ["not this\n"]
    assert not finding.held


@pytest.mark.conformance
@pytest.mark.parametrize(("fault", "times"), [("full_disk", 10), ("read_only", 1)])
def test_a_disk_that_takes_no_more_costs_nothing_but_time(tmp_path, fault, times):
    findings = list(getattr(_storage, fault)(Plan(times, tmp_path)))
    assert {finding.did: finding.broken for finding in findings if not finding.held} == {}
    assert len(findings) == (3 if fault == "full_disk" else 2)
