"""A sweep: all cells of a plan through workers, resumable at any moment."""

import contextlib
import functools
import itertools
import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import joblib
from rich.console import Console

from benchmarks.runner import _backends
from benchmarks.runner._block import Limits
from benchmarks.runner._execute import Job, Outcome, run_job, stored
from benchmarks.runner._progress import Meter

DONE, USAGE, DATA, FAILED, INTERRUPTED = 0, 2, 3, 4, 130
_SHOWN = 20  # failures listed
_SAID = 200  # characters of a backend's message
_BUSY_SECONDS = 1.0


class Settings(NamedTuple):
    """How a sweep is run; none of it changes a result.

    Attributes:
        backend: `loky`, `ray` or `dask`.
        workers: how many; one runs in this process.
        seconds: between two checkpoints of a run.
    """

    backend: str = "loky"
    workers: int = 2
    seconds: float = 10.0


def sweep(
    jobs: Sequence[Job],
    out: Path,
    settings: Settings = Settings(),  # noqa: B008
    console: Console | None = None,
) -> int:
    """Run all cells that are not finished, and say how it went.

    SIGINT and SIGTERM end it after the checkpoints of what is running; a second one ends it at
    once. Called again with the same jobs, it goes on where it was.

    Args:
        jobs: what to run.
        out: the sweep's folder; made if it is not there.
        settings: where and how.
        console: where progress and failures are shown; None: standard error.

    Returns:
        An exit code: 0 done, 3 a finished cell is damaged or its data is not here, 4 a run
        failed, 130 interrupted.
    """
    console = console or Console(stderr=True)
    out = out.resolve()  # a cluster's workers may be somewhere else
    out.mkdir(parents=True, exist_ok=True)
    started, began, interrupted = time.perf_counter(), time.time(), False
    outcomes, pending = _sorted_out(jobs, out)
    if pending:
        with _stop_file(out) as stop, Meter("sweep", _count(jobs), console) as meter:
            meter.add(len(outcomes), _failed(outcomes))
            outcomes += _until_free(pending, out, settings, stop, meter, console)
            interrupted = stop.exists()
    _tidy(jobs, outcomes, out / "checkpoints", before=began)
    _report(outcomes, console, time.perf_counter() - started)
    _keep_traces(outcomes, out / "errors", console)
    return exit_code(outcomes, interrupted=interrupted)


def exit_code(outcomes: Iterable[Outcome], *, interrupted: bool = False) -> int:
    """Return what the process answers with; the gravest outcome decides."""
    found = {outcome.status for outcome in outcomes}
    if interrupted or "stopped" in found:
        return INTERRUPTED
    if found & {"damaged", "no data"}:
        return DATA
    return FAILED if found & {"failed", "error"} else DONE


def _until_free(
    jobs: Sequence[Job], out: Path, settings: Settings, stop: Path, meter: Meter, console: Console
) -> list[Outcome]:
    """Run the jobs, and those again that another runner held, until there are none."""
    outcomes: list[Outcome] = []
    with _backends.workers(settings.backend, settings.workers):
        while jobs:
            busy = []
            for job, found in _results(jobs, out, settings, stop):
                free = [outcome for outcome in found if outcome.status != "busy"]
                outcomes += free
                meter.add(len(free), _failed(free))
                if len(free) < len(found):
                    busy.append(job._replace(blocks=_held(job, found)))
            jobs = [] if stop.exists() else busy
            if jobs:
                console.print(f"waiting for another runner: {_count(jobs)} cells")
                time.sleep(_BUSY_SECONDS)
    return outcomes


def _held(job: Job, found: Sequence[Outcome]) -> tuple[Any, ...]:
    held = {outcome.cell for outcome in found if outcome.status == "busy"}
    return tuple(block for block in job.blocks if held & set(block.cells))


def _results(
    jobs: Sequence[Job], out: Path, settings: Settings, stop: Path
) -> Iterator[tuple[Job, list[Outcome]]]:
    """Yield each job with its outcomes as it ends, in no order."""
    call = joblib.delayed(_work)
    # Whose child a worker of a cluster is, it has to see for itself.
    above = os.getpid() if settings.backend == "loky" else None
    calls = [call(i, job, out, settings.seconds, stop, above) for i, job in enumerate(jobs)]
    if settings.backend == "ray":
        # Its backend gives no results before all of them are there, so it gets a few at a time.
        size = 4 * settings.workers
        rounds = [calls[i : i + size] for i in range(0, len(calls), size)]
        found = itertools.chain.from_iterable(map(joblib.Parallel(batch_size=1), rounds))
    else:
        # One job at a time: they last seconds, and the last ones should find all workers busy.
        found = joblib.Parallel(batch_size=1, return_as="generator_unordered")(calls)
    left = dict(enumerate(jobs))
    try:
        for index, outcomes in found:
            yield left.pop(index), outcomes
    # Whatever a backend raises when it loses a worker; what is on disk stays good.
    except Exception as error:  # noqa: BLE001
        status = "stopped" if stop.exists() else "error"
        said = " ".join(str(error).split())[:_SAID]
        note = f"a worker was lost ({type(error).__name__}: {said}): run the command again"
        for job in left.values():
            yield job, [Outcome(cell, status, note) for cell in job.cells]


def _work(
    index: int, job: Job, out: Path, seconds: float, stop: Path, sweeper: int | None
) -> tuple[int, list[Outcome]]:
    """Run a job, until the sweep asks to stop or the process above this worker is gone.

    It may be gone before the worker takes up the job. A sweep of one worker runs in its own
    process, and does not depend on who started it.
    """
    above = os.getppid() if sweeper is None else sweeper
    limits = Limits(seconds, lambda: stop.exists() or above not in (os.getppid(), os.getpid()))
    return index, run_job(job, out, limits)


@contextlib.contextmanager
def _stop_file(out: Path) -> Iterator[Path]:
    """Name a file that SIGINT and SIGTERM make: workers of any backend can see it."""
    stop = out / f".stop-{secrets.token_hex(8)}"
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        try:
            stop.touch()
        except OSError:
            raise SystemExit(INTERRUPTED) from None
        for known, handler in before.items():
            signal.signal(known, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        # On a read-only disk even to remove what is not there is an error.
        if stop.exists():
            stop.unlink(missing_ok=True)


def _sorted_out(jobs: Iterable[Job], out: Path) -> tuple[list[Outcome], list[Job]]:
    """Return what finished cells say, and the jobs that have others: no worker for the rest."""
    outcomes, pending = [], []
    for job in jobs:
        known = [stored(out, cell) for cell in job.cells]
        if all(known):
            outcomes += [outcome for outcome in known if outcome is not None]
        else:
            pending.append(job)
    return outcomes, pending


def _failed(outcomes: Iterable[Outcome]) -> int:
    return sum(outcome.status not in ("done", "stopped") for outcome in outcomes)


def _count(jobs: Iterable[Job]) -> int:
    return sum(len(job.cells) for job in jobs)


def _report(outcomes: Sequence[Outcome], console: Console, seconds: float) -> None:
    say = functools.partial(console.print, highlight=False, markup=False, soft_wrap=True)
    counts = Counter(outcome.status for outcome in outcomes)
    fresh = sum(outcome.fresh for outcome in outcomes)
    summary = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    say(f"{summary or 'nothing to do'}; {fresh:,} finished just now, {seconds:.1f} s")
    noted = [outcome for outcome in outcomes if outcome.note]
    for outcome in noted[:_SHOWN]:
        cell = outcome.cell
        where = f"{cell.method} on {cell.problem}, seed {cell.seed} ({cell.address[:12]})"
        say(f"{outcome.status}: {where}: {outcome.note}")
    if len(noted) > _SHOWN:
        say(f"and {len(noted) - _SHOWN:,} more")


def _tidy(jobs: Iterable[Job], outcomes: Iterable[Outcome], folder: Path, before: float) -> None:
    """Remove what a killed run left behind of the checkpoints of blocks that are finished now.

    Files as young as this sweep may be another runner's, who has other cells of the block.
    """
    finished = {outcome.cell for outcome in outcomes if outcome.status in ("done", "failed")}
    blocks = (block for job in jobs for block in job.blocks)
    addresses = {block.address for block in blocks if finished.issuperset(block.cells)}
    for file in folder.glob("*"):
        address = file.name.removeprefix(".").partition(".")[0]
        if address in addresses:
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < before:
                    file.unlink()


def _keep_traces(outcomes: Iterable[Outcome], folder: Path, console: Console) -> None:
    """Write the tracebacks of what was raised beside the cells, while they are of use."""
    try:
        for outcome in outcomes:
            path = folder / f"{outcome.cell.address}.txt"
            if outcome.trace:
                folder.mkdir(exist_ok=True)
                path.write_text(outcome.trace, encoding="utf-8")
            elif outcome.fresh:
                path.unlink(missing_ok=True)
    # Most often the disk that the trace is about: that is an outcome, not an end.
    except OSError as error:
        console.print(f"tracebacks are not kept: {error}", highlight=False, soft_wrap=True)
