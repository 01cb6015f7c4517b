"""What `_storage` has done in a process of its own, which prints what it found as JSON."""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.faults import _disk
from benchmarks.faults._cases import SmallJob
from benchmarks.faults._finding import Finding, Plan

_PAGE = 4096  # a file system gives space in pages


def full(root: Path, plan: Plan) -> Finding:
    """Fill a small file system but for some pages, too few for a run."""
    small, draws = SmallJob(plan.scratch), plan.draws("ballast")
    stored = [path for path in plan.scratch.rglob("*") if path.is_file()]
    needed = sum(path.stat().st_size // _PAGE + 1 for path in stored)
    return _disk.run_when_full(
        small, root / "run", lambda: _disk.only_left(root, _PAGE * draws.randrange(needed)),
        Finding("full"), plan.times, draws,
    )  # fmt: skip


def read_only(root: Path, plan: Plan) -> Finding:
    """Mount the file system as read-only."""
    return _refused(root, plan, lambda _: _disk.remounted(root))


def rights(root: Path, plan: Plan) -> Finding:
    """Take the right to write."""
    return _refused(root, plan, _disk.unwritable)


def _refused(root: Path, plan: Plan, way: _disk.Refusal) -> Finding:
    small, finding = SmallJob(plan.scratch), Finding("read-only")
    for turn in range(plan.times):
        folder = root / str(turn)
        folder.mkdir()
        _disk.run_when_read_only(small, folder, way, finding)
        shutil.rmtree(folder)
    return finding


def main(what: str, root: str, scratch: str, count: str, seed: str) -> None:
    """Do one of them and print what was found."""
    known = {"full": full, "read-only": read_only, "rights": rights}
    finding = known[what](Path(root), Plan(int(count), Path(scratch), int(seed)))
    print(json.dumps({"found": finding.found, "broken": finding.broken}))


if __name__ == "__main__":
    main(*sys.argv[1:])
