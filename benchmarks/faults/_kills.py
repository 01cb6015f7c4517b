"""Runs and sweeps that are killed again and again end in the bytes of one that ran through."""

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.faults import _cases
from benchmarks.faults._evidence import (
    Contents,
    Marks,
    contents,
    expect_kept,
    expect_same,
    marks,
)
from benchmarks.faults._finding import Finding, Plan
from benchmarks.faults._processes import Pace, Sweep, benchmarks_command
from benchmarks.runner._sweep import DONE, FAILED, INTERRUPTED

_SHARE = 0.3  # of a run's time, in which a signal comes after the run was taken up


class Straight(NamedTuple):
    """A sweep that nobody disturbed.

    Attributes:
        suite: its suite's file; sweeps that are compared with it lie in the same folder.
        arguments: of the command.
        out: its folder.
        expected: what it left.
        pace: how long it took.
    """

    suite: Path
    arguments: tuple[str, ...]
    out: Path
    expected: Contents
    pace: Pace

    def again(self, name: str) -> Sweep:
        """Return the same sweep in another folder."""
        return Sweep(self.suite, self.suite.parent / name, *self.arguments)


class Signals(NamedTuple):
    """Signals at random instants.

    Attributes:
        number: of the signal.
        draws: decides when they come and whom they hit.
        pace: how long the sweep takes that they interrupt.
        share: of its work, in which they come after it was taken up.
    """

    number: int
    draws: random.Random
    pace: Pace
    share: float = _SHARE

    def hit(self, sweep: Sweep, times: int, finding: Finding) -> None:
        """Begin a sweep and interrupt it, until so many were counted or it ends before one comes.

        Whatever becomes of it, no finished cell may be lost or run again.
        """
        finished: Marks = {}
        while finding.count < times:
            instant = self.pace.instant(self.draws, self.share)
            code, hit = sweep.interrupted(self.number, *instant, self.draws)
            before, finished = finished, marks(sweep.out)
            expect_kept(finding, before, finished)
            told = f"it ended with {code}, and signal {self.number} hit {hit or 'nobody'}"
            finding.expect(code in self._codes(hit), told)
            if not hit:
                return
            finding.saw(f"of {hit}")

    def _codes(self, hit: str) -> set[int]:
        if not hit:
            return {DONE}
        if hit == "a worker":  # a sweep that loses one says so, unless it was not needed any more
            return {DONE, FAILED}
        # A signal before Python has come to the sweep, or after its end, finds nobody to answer it.
        return {-self.number, DONE} | ({INTERRUPTED} if self.number != signal.SIGKILL else set())


def straight(scratch: Path, suite: str, *, workers: int = 2) -> Straight:
    """Run a suite undisturbed.

    Args:
        scratch: folder to write to.
        suite: the suite, as TOML.
        workers: processes.
    """
    scratch.mkdir(exist_ok=True)
    file, out = scratch / "suite.toml", scratch / "straight"
    file.write_text(suite, encoding="utf-8")
    arguments = ("--workers", str(workers), "--checkpoint-seconds", "0.05")
    with Sweep(file, out, *arguments) as sweep:
        pace = sweep.pace()
    return Straight(file, arguments, out, contents(out), pace)


def run_kills(plan: Plan) -> Iterator[Finding]:
    """Kill one long run; half of the kills are of a descent, the others of a network's training."""
    half = plan.times // 2
    runs = (("descent", _cases.DESCENT, plan.times - half), ("network", _cases.NETWORK, half))
    for name, suite, times in runs:
        if times:
            reference = straight(plan.scratch / name, suite, workers=1)
            finding = Finding(f"SIGKILL of a training run: {name}")
            yield kills(reference, plan._replace(times=times), finding)


def sweep_kills(plan: Plan) -> Iterator[Finding]:
    """Kill a sweep of two workers; as many kills as the plan says."""
    reference = straight(plan.scratch / "sweep", _cases.SWEEP)
    yield kills(reference, plan, Finding("SIGKILL of a sweep"))


def kills(
    reference: Straight, plan: Plan, finding: Finding, number: int = signal.SIGKILL
) -> Finding:
    """Send a signal at random instants, again and again, and compare what is left in the end.

    A sweep that comes to its end between two signals is compared, and another one begun.

    Args:
        reference: the same sweep, undisturbed.
        plan: how many signals.
        finding: where it is counted whom they hit.
        number: of the signal.
    """
    signals, turn = Signals(number, plan.draws(f"signal {number}"), reference.pace), 0
    while finding.count < plan.times:
        with reference.again(f"signal{int(number)}-{turn}") as sweep:
            signals.hit(sweep, plan.times, finding)
            sweep.through()
        expect_same(finding, sweep.out, reference.expected)
        shutil.rmtree(sweep.out)
        turn += 1
    return finding


def report_kills(plan: Plan) -> Iterator[Finding]:
    """Kill one sweep as often as planned, resume it, and compare its report with a straight one."""
    reference = straight(plan.scratch / "reported", _cases.SWEEP)
    finding = Finding("SIGKILL of one sweep, then its report")
    # So early that the sweep does not come to its end before the last.
    share = _SHARE / max(plan.times, 1)
    signals = Signals(signal.SIGKILL, plan.draws("report"), reference.pace, share)
    with reference.again("killed") as sweep:
        signals.hit(sweep, plan.times, finding)
        sweep.through()
    finding.expect(finding.count == plan.times, "it ended too soon: give another seed")
    expect_same(finding, sweep.out, reference.expected)
    one, other = (_report(reference.suite, out) for out in (reference.out, sweep.out))
    different = [name for name in one | other if one.get(name) != other.get(name)]
    finding.expect(one and not different, f"the reports differ in {sorted(different)}")
    yield finding


def _report(suite: Path, out: Path) -> dict[str, bytes]:
    """Write a sweep's report, but for what a clock decides, and return its files."""
    where = out.with_suffix(".report")
    benchmarks_command(
        "report", str(out), "--suite", str(suite), "--no-times", "--out", str(where),
        scratch=suite.parent,
    )  # fmt: skip
    files = sorted(path for path in where.rglob("*") if path.is_file())
    return {str(path.relative_to(where)): path.read_bytes() for path in files}
