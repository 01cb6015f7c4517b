"""Stored files that lose their tail or have one bit flipped, in finished and unfinished cells.

The rule: of a finished cell all damage is detected, named and left alone. A run that was stopped
goes on where its files are whole or can be made so: a half-written last line is cut off, and what
follows from the plan is written anew. Where they cannot, it starts over and says so.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.faults._cases import SmallJob
from benchmarks.faults._evidence import contents, expect_same
from benchmarks.faults._finding import Finding, Plan

Hurt = Callable[[SmallJob, Path, bytes, Finding], None]


def truncation(plan: Plan) -> Iterator[Finding]:
    """Cut every stored file at as many bytes drawn of it as planned; 0 stands for all of them."""
    small, draws = SmallJob(plan.scratch), plan.draws("truncation")
    for hurt, path, finding in _files(small):
        lengths: Sequence[int] = range(path.stat().st_size)
        if plan.times:
            lengths = draws.sample(lengths, min(plan.times, len(lengths)))
        content = path.read_bytes()
        for length in lengths:
            hurt(small, path, content[:length], finding)
        yield finding


def bit_flips(plan: Plan) -> Iterator[Finding]:
    """Flip as many bits as planned, one at a time, each in a file that is drawn."""
    small, draws = SmallJob(plan.scratch), plan.draws("bits")
    files = list(_files(small))
    for _ in range(plan.times):
        hurt, path, finding = draws.choice(files)
        content = bytearray(path.read_bytes())
        bit = draws.randrange(8 * len(content))
        content[bit // 8] ^= 1 << bit % 8
        hurt(small, path, bytes(content), finding)
    yield from (finding for _, _, finding in files if finding.count)


def _files(small: SmallJob) -> Iterator[tuple[Hurt, Path, Finding]]:
    """Yield what is stored of one cell: how it is hurt, the file, and where that is counted."""
    for path in _stored(small.finished):
        yield hurt_finished, path, Finding(f"finished: {path.name}")
    for path in _stored(small.stopped):
        name = "checkpoint" if path.parent.name == "checkpoints" else path.name
        yield hurt_stopped, path, Finding(f"stopped: {name}")


def _stored(root: Path) -> list[Path]:
    """Return the files of the first cell, and the checkpoint where there is one."""
    cell = min((root / "cells").iterdir())
    return sorted([*cell.glob("[!.]*"), *root.glob("checkpoints/*")])


def hurt_finished(small: SmallJob, path: Path, damaged: bytes, finding: Finding) -> None:
    """Damage a file of a finished cell, and expect that it is named and nothing is changed."""
    whole = path.read_bytes()
    path.write_bytes(damaged)
    before = contents(small.finished)
    outcomes = small.run(small.finished)
    told = [outcome for outcome in outcomes if outcome.status == "damaged"]
    finding.saw("detected" if told else "missed")
    statuses = sorted(outcome.status for outcome in outcomes)
    finding.expect(statuses == ["damaged", "done"], f"the cells are said to be {statuses}")
    named = [outcome.note for outcome in told if str(path) in outcome.note]
    finding.expect(named, f"{path.name} is not named")
    finding.expect(contents(small.finished) == before, "a finished cell was changed")
    path.write_bytes(whole)


def hurt_stopped(small: SmallJob, path: Path, damaged: bytes, finding: Finding) -> None:
    """Damage a file of a stopped run, and expect that it ends like one that nobody disturbed."""
    root = small.stopped.with_name("hurt")
    shutil.copytree(small.stopped, root)
    (root / path.relative_to(small.stopped)).write_bytes(damaged)
    outcomes = small.run(root)
    over = all(outcome.note.startswith("started over: ") for outcome in outcomes)
    finding.saw("started over" if over else "repaired")
    for outcome in outcomes:
        finding.expect(outcome.status == "done", f"{outcome.status}: {outcome.note}")
    expect_same(finding, root, small.expected)
    shutil.rmtree(root)
