"""Two runners on one folder; other numbers of workers, orders and hash seeds: the same bytes."""

import re
import shutil
import signal
from collections.abc import Iterator

from benchmarks.faults import _cases
from benchmarks.faults._evidence import expect_same
from benchmarks.faults._finding import Finding, Plan
from benchmarks.faults._kills import Straight, straight
from benchmarks.faults._processes import Sweep


def two_runners(plan: Plan) -> Iterator[Finding]:
    """Let two sweeps share a folder, as often as planned; every other time one is killed."""
    yield from pairs(straight(plan.scratch / "pairs", _cases.SWEEP), plan)


def pairs(reference: Straight, plan: Plan) -> Iterator[Finding]:
    """Let two sweeps share a folder, as `two_runners` does."""
    peace, war = Finding("two runners on one folder"), Finding("two runners, one of them killed")
    draws = plan.draws("two runners")
    for turn in range(plan.times):
        first, second = _pair(reference, f"pair{turn}")
        with first, second:
            other = second.begin()
            if turn % 2:
                instant = reference.pace.instant(draws, share=1.0)
                hit = first.interrupted(signal.SIGKILL, *instant, draws)[1]
                second.ended(other)
                second.through()  # what a killed run leaves half written goes with the next call
                war.saw(f"of {hit}" if hit else "too late")
            else:
                fresh = _fresh(first.through()), _fresh(second.ended(other))
                peace.saw("shared" if all(fresh) else "done by one")
                cells = len({address for address, _ in reference.expected})
                peace.expect(sum(fresh) == cells, f"{fresh} cells were run, not {cells}")
        expect_same(war if turn % 2 else peace, first.out, reference.expected)
        shutil.rmtree(first.out)
    yield from (finding for finding in (peace, war) if finding.count)


def _pair(reference: Straight, name: str) -> tuple[Sweep, Sweep]:
    out = reference.suite.parent / name
    logs = out.with_suffix(".first.log"), out.with_suffix(".second.log")
    first, second = (Sweep(reference.suite, out, *reference.arguments, log=log) for log in logs)
    return first, second


def _fresh(told: str) -> int:
    """Return how many cells a sweep says that it finished."""
    (count,) = re.findall(r"([\d,]+) finished just now", told)
    return int(count.replace(",", ""))


def worker_order(plan: Plan) -> Iterator[Finding]:
    """Run a sweep's jobs in as many drawn orders, through one, two and three workers."""
    yield from orders(straight(plan.scratch / "orders", _cases.SHORT, workers=1), plan)


def orders(reference: Straight, plan: Plan) -> Iterator[Finding]:
    """Run a sweep's jobs in drawn orders, as `worker_order` does."""
    draws = plan.draws("orders")
    for workers in (1, 2, 3):
        finding = Finding(f"another order, {workers} worker{'s' * (workers > 1)}")
        for order in range(workers - 1, plan.times, 3):
            arguments = ("--workers", str(workers), "--order", str(draws.randrange(2**32)))
            out = reference.suite.parent / f"order{order}"
            shuffled = "benchmarks.faults._shuffled"
            with Sweep(reference.suite, out, *arguments, module=shuffled) as sweep:
                sweep.through()
            finding.saw("compared")
            expect_same(finding, out, reference.expected)
        if finding.count:
            yield finding


def hash_seed(plan: Plan) -> Iterator[Finding]:
    """Run a sweep under as many hash seeds of Python's, 0 among them, which means none."""
    yield hashes(straight(plan.scratch / "hashes", _cases.SHORT, workers=1), plan)


def hashes(reference: Straight, plan: Plan) -> Finding:
    """Run a sweep under drawn hash seeds, as `hash_seed` does."""
    draws, finding = plan.draws("hashes"), Finding("another PYTHONHASHSEED")
    for turn in range(plan.times):
        variables = {"PYTHONHASHSEED": str(draws.randrange(2**32) if turn else 0)}
        out = reference.suite.parent / f"hash{turn}"
        with Sweep(reference.suite, out, *reference.arguments, environment=variables) as sweep:
            sweep.through()
        finding.saw("compared")
        expect_same(finding, out, reference.expected)
    return finding
