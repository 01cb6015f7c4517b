"""Ways in which a disk takes no more, and what the runner must make of them."""

import contextlib
import errno
import itertools
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from benchmarks.faults._cases import SmallJob
from benchmarks.faults._evidence import contents, expect_same, expect_whole
from benchmarks.faults._finding import Finding
from benchmarks.runner import _checkpoint, _folder, _journal
from benchmarks.runner._block import Limits
from benchmarks.runner._journal import DamagedError
from benchmarks.runner._sweep import DONE, FAILED

Way = Callable[[], contextlib.AbstractContextManager[None]]
Refusal = Callable[[Path], contextlib.AbstractContextManager[None]]

_FULL = [os.strerror(number) for number in (errno.EFBIG, errno.ENOSPC)]
_READ_ONLY = [os.strerror(number) for number in (errno.EACCES, errno.EROFS)]
_OFTEN = Limits(seconds=1e-4)  # a checkpoint a row
_IN_A_ROW = 3  # runs on a full disk before one that may write, at most


def run_when_full(
    small: SmallJob, root: Path, way: Way, finding: Finding, count: int, draws: random.Random
) -> Finding:
    """Run a job where the disk is full at some point, and to its end now and then.

    Args:
        small: the job.
        root: a folder that is not there.
        way: how the disk becomes full.
        finding: where it is counted.
        count: how often.
        draws: decides how often in a row.
    """
    while finding.count < count:
        for _ in range(draws.randint(1, _IN_A_ROW)):
            with way():
                outcomes = small.run(root, _OFTEN)
            statuses = {outcome.status for outcome in outcomes}
            finding.saw("run failed" if "error" in statuses else "run had all it needed")
            for outcome in outcomes:
                said = outcome.status == "error" and any(text in outcome.note for text in _FULL)
                finding.expect(said or outcome.status == "done", f"it said {outcome.note}")
            _expect_good(finding, root)
            if "error" not in statuses or finding.count == count:
                break
        small.run(root)
        expect_same(finding, root, small.expected)
        shutil.rmtree(root)
    return finding


def _expect_good(finding: Finding, root: Path) -> None:
    """Expect that all files that count are whole: journals, checkpoints, finished cells."""
    try:
        for path in root.glob("cells/*/*.jsonl"):
            finding.expect(not _journal.read(path).cut, f"{path.name} ends in half a line")
        for path in root.glob("checkpoints/*"):
            _checkpoint.load(path)
    except DamagedError as error:
        finding.expect(False, str(error))
    for path in root.glob("cells/*"):
        if _folder.is_finished(path):
            expect_whole(finding, path)


def run_when_read_only(small: SmallJob, root: Path, way: Refusal, finding: Finding) -> Finding:
    """Run a sweep that is new, one that was stopped, and one that is finished, in turn.

    Args:
        small: the job.
        root: an empty folder.
        way: what makes a folder read-only for a while.
        finding: where it is counted.
    """
    stopped, finished = root / "stopped", root / "finished"
    shutil.copytree(small.stopped, stopped)
    shutil.copytree(small.finished, finished)
    before = contents(stopped)
    with way(root):
        finding.expect(_refused(small, root / "new"), "a new sweep was not refused")
        for path, expected in ((stopped, FAILED), (finished, DONE)):
            code, told = small.sweep(path)
            finding.expect(code == expected, f"{path.name}: it ended with {code}: {told}")
        finding.expect(contents(stopped) == before, "what was stopped was changed")
    for path in (root / "new", stopped, finished):
        finding.expect(small.sweep(path)[0] == DONE, f"{path.name}: it did not go on")
        expect_same(finding, path, small.expected)
        finding.saw(path.name)
    return finding


def _refused(small: SmallJob, root: Path) -> bool:
    try:
        small.sweep(root)
    except OSError as error:
        return error.strerror in _READ_ONLY
    return False


@contextlib.contextmanager
def no_file_larger(size: int) -> Iterator[None]:
    """Let the system cut writes off where a file would become larger: EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def no_sync_from(first: int) -> Iterator[None]:
    """Let fsync fail from some call on: a disk that tells late that it is full."""
    calls, real = itertools.count(), os.fsync

    def sync(descriptor: int) -> None:
        if next(calls) >= first:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with mock.patch.object(os, "fsync", sync):
        yield


@contextlib.contextmanager
def only_left(disk: Path, size: int) -> Iterator[None]:
    """Fill a file system but for so many bytes: ENOSPC."""
    facts, ballast = os.statvfs(disk), disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, facts.f_bavail * facts.f_frsize - size)
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def remounted(disk: Path) -> Iterator[None]:
    """Mount a file system anew so that it can only be read: EROFS."""
    _remount(disk, "ro")
    try:
        yield
    finally:
        _remount(disk, "rw")


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


@contextlib.contextmanager
def unwritable(root: Path) -> Iterator[None]:
    """Take the right to write from a folder and all that is in it: EACCES."""
    modes = {path: path.stat().st_mode for path in (root, *root.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
