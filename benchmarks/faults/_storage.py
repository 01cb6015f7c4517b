"""Full disks and read-only folders.

What needs a file system or rights of its own happens in a process of its own (`_inside`), started
by util-linux's `unshare`, so that nothing of it is seen outside.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.faults import _disk
from benchmarks.faults._cases import SmallJob
from benchmarks.faults._finding import Finding, Plan
from benchmarks.faults._processes import variables

# The owner of all files, but without capabilities: even root is asked for permission.
_NO_RIGHTS = ("unshare", "--user")
# A mount is gone with the process that made it.
_MOUNTS = ("unshare", "--mount", *(("--user", "--map-root-user") if os.geteuid() else ()))
_MOUNT = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"'
_SYNCS = 24  # about as many as a run needs


def full_disk(plan: Plan) -> Iterator[Finding]:
    """Let a disk be full at drawn points of runs, in each of three ways as often as planned."""
    small, draws, root = SmallJob(plan.scratch), plan.draws("full disk"), plan.scratch / "full"
    largest = max(path.stat().st_size for path in plan.scratch.rglob("*.npz"))
    ways: dict[str, _disk.Way] = {
        "no file larger than a limit (EFBIG)": lambda: _disk.no_file_larger(
            draws.randrange(largest)
        ),
        "no fsync after the nth (ENOSPC)": lambda: _disk.no_sync_from(draws.randrange(_SYNCS)),
    }
    for name, way in ways.items():
        yield _disk.run_when_full(small, root, way, Finding(name), plan.times, draws)
    yield _on_small_disk("full", Finding("a file system that is full (ENOSPC)"), plan)


def read_only(plan: Plan) -> Iterator[Finding]:
    """Run without the right to write, and on a file system that is read-only."""
    rights = plan.scratch / "rights"
    rights.mkdir()
    yield _apart("rights", _NO_RIGHTS, rights, Finding("a folder without rights (EACCES)"), plan)
    yield _on_small_disk("read-only", Finding("a read-only file system (EROFS)"), plan)


def _on_small_disk(what: str, finding: Finding, plan: Plan) -> Finding:
    disk = plan.scratch / f"disk-{what}"
    disk.mkdir()
    return _apart(what, (*_MOUNTS, "sh", "-c", _MOUNT, str(disk)), disk, finding, plan)


def _apart(what: str, wrapper: Sequence[str], root: Path, finding: Finding, plan: Plan) -> Finding:
    """Run `_inside` in a wrapper, and add to the finding what it found."""
    if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        finding.skipped = f"{' '.join(wrapper[:2])} is not allowed here"
        return finding
    scratch = plan.scratch / f"inside-{what}"
    scratch.mkdir()
    module = [sys.executable, "-m", "benchmarks.faults._inside"]
    arguments = [what, str(root), str(scratch), str(plan.times), str(plan.seed)]
    answer = subprocess.run(
        [*wrapper, *module, *arguments],
        env=os.environ | variables(plan.scratch), cwd=scratch, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if answer.returncode:
        finding.expect(False, answer.stderr)
        return finding
    found = json.loads(answer.stdout)
    finding.found.update(found["found"])
    finding.broken.extend(found["broken"])
    return finding
