"""What a sweep left on disk, in a form that can be compared."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.faults._finding import Finding
from benchmarks.runner._folder import SUMMARY, TIMING, verify
from benchmarks.runner._journal import DamagedError

Contents = Mapping[tuple[str, str], bytes]
Marks = Mapping[Path, tuple[int, int, bytes]]


def contents(root: Path) -> dict[tuple[str, str], bytes]:
    """Return the bytes of all files that no clock decides, by cell and name."""
    return {
        (path.parent.name, path.name): path.read_bytes()
        for path in sorted((root / "cells").glob("*/[!.]*"))
        if path.name != TIMING
    }


def difference(found: Contents, expected: Contents) -> str:
    """Say in which files two sweeps differ; "" if in none.

    Example:
        >>> difference({("a", "config.json"): b"1"}, {("a", "config.json"): b"2"})
        'a/config.json differs'
        >>> difference({}, {("a", "config.json"): b"2"})
        'a/config.json is missing'
    """
    told = [f"{'/'.join(key)} is missing" for key in expected.keys() - found.keys()]
    told += [f"{'/'.join(key)} is too many" for key in found.keys() - expected.keys()]
    both = found.keys() & expected.keys()
    told += [f"{'/'.join(key)} differs" for key in both if found[key] != expected[key]]
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    return min(told, default="") + more


def expect_same(finding: Finding, root: Path, expected: Contents) -> None:
    """Expect a sweep to be finished, whole, free of leavings and the same to the last bit."""
    told = difference(contents(root), expected)
    finding.expect(not told, f"{root.name}: {told}")
    for path in (root / "cells").iterdir():
        expect_whole(finding, path)
    for left in leavings(root):
        finding.expect(False, f"{root.name}: {left.relative_to(root)} was left behind")


def expect_whole(finding: Finding, path: Path) -> None:
    """Expect a cell to be finished, and every bit of it to be as it was written."""
    try:
        verify(path)
    except (DamagedError, OSError) as error:
        finding.expect(False, str(error))


def leavings(root: Path) -> list[Path]:
    """Return what a finished sweep should not leave: checkpoints, half-written and stop files."""
    inner = [path for path in root.glob("cells/*/.*") if path.name != ".lock"]
    return [*root.glob("checkpoints/*"), *inner, *root.glob(".stop-*"), *root.glob("errors/*")]


def marks(root: Path) -> dict[Path, tuple[int, int, bytes]]:
    """Return of each finished cell what changes if it is run again: inode, time, times."""
    found = {}
    for path in root.glob(f"cells/*/{SUMMARY}"):
        fact = path.stat()
        found[path.parent] = fact.st_ino, fact.st_mtime_ns, (path.parent / TIMING).read_bytes()
    return found


def expect_kept(finding: Finding, before: Marks, after: Marks) -> None:
    """Expect that no finished cell was lost or run again, and that those that are new are whole."""
    for path, mark in before.items():
        finding.expect(path in after, f"{path.name} was finished and is lost")
        finding.expect(after.get(path, mark) == mark, f"{path.name} was finished and ran again")
    for path in after.keys() - before.keys():
        expect_whole(finding, path)
