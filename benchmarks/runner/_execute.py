"""Jobs: blocks of cells that share one compiled program."""

import contextlib
import functools
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmarks.runner import _folder
from benchmarks.runner._block import Block, BlockRun, Limits
from benchmarks.runner._cell import Cell
from benchmarks.runner._journal import DamagedError
from benchmarks.runner._problem_work import ProblemWork
from benchmarks.runner._program import Program, Spec
from benchmarks.runner._study_program import StudyProgram
from benchmarks.runner._study_work import StudyWork
from benchmarks.runner._work import Work
from moo.data import DataError

T = TypeVar("T")
Compiled = Callable[[Block], Work]


class Job(NamedTuple):
    """Blocks of one method on problems of one shape, which share a compiled program.

    Attributes:
        specs: all problems of the suite that have this shape, whether a block needs them or not:
            the program, and with it rounding, does not depend on what is left to do.
        blocks: the blocks.
    """

    specs: tuple[Spec, ...]
    blocks: tuple[Block, ...]

    @property
    def cells(self) -> list[Cell]:
        """The cells of all blocks, in order."""
        return [cell for block in self.blocks for cell in block.cells]


class Outcome(NamedTuple):
    """What became of a cell.

    Attributes:
        cell: the cell.
        status: `done` or `failed` (it met NaN), both finished for good; `stopped`, `busy` (another
            runner has it), `damaged`, `no data` or `error`.
        note: one line on what is out of the ordinary, or "".
        fresh: whether it was finished just now.
        trace: the traceback of an error, or "".
    """

    cell: Cell
    status: str
    note: str = ""
    fresh: bool = False
    trace: str = ""


def run_job(job: Job, root: Path, limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
    """Run the blocks of a job that are not finished.

    Args:
        job: the blocks.
        root: the sweep's folder.
        limits: when to write a checkpoint, and when to stop.

    Returns:
        What became of every cell, in order.
    """
    # Compiled when a block needs it, and not at all where all of them are finished.
    compiled = functools.cache(lambda: _compiled(job))
    ended: list[Future[list[Outcome]]] = []
    with ThreadPoolExecutor(max_workers=1) as closer:
        for block in job.blocks:
            ended.append(_run_block(block, job, compiled, root, limits, closer))
            wait(ended[:-1])
        return [outcome for future in ended for outcome in future.result()]


def stored(root: Path, cell: Cell) -> Outcome | None:
    """Return what a finished cell's folder says of it, after checking it; None if unfinished."""
    path = _folder.folder(root, cell)
    if not _folder.is_finished(path):
        return None
    try:
        facts = _folder.verify(path)
    except (DamagedError, OSError) as error:
        return Outcome(cell, "damaged", f"{error}; remove the folder to run the cell again")
    return Outcome(cell, facts["status"], facts["reason"] or "")


def _run_block(
    block: Block,
    job: Job,
    compiled: Callable[[], Compiled],
    root: Path,
    limits: Limits,
    closer: Executor,
) -> "Future[list[Outcome]]":
    """Run what is not finished of a block, and have its files written while the next one runs."""
    locks = contextlib.ExitStack()
    ran = _guarded(block, lambda: _compute(block, job, compiled, root, limits, locks))

    def close() -> list[Outcome]:
        with locks:
            return _guarded(block, ran) if callable(ran) else ran

    return closer.submit(close)


def _compute(
    block: Block,
    job: Job,
    compiled: Callable[[], Compiled],
    root: Path,
    limits: Limits,
    locks: contextlib.ExitStack,
) -> Callable[[], list[Outcome]]:
    """Take the steps of a block's unfinished cells, and return what writes their results."""
    for cell in block.cells:
        locks.enter_context(_folder.locked(_folder.folder(root, cell)))
    known = {cell: stored(root, cell) for cell in block.cells}
    pending = [cell for cell, outcome in known.items() if outcome is None]
    if not pending:
        return lambda: [outcome for outcome in known.values() if outcome is not None]
    run = None if limits.stop() else _started(block, pending, job, compiled(), root)
    reached = run is not None and run.run(limits)

    def close() -> list[Outcome]:
        stopped = {"status": "stopped", "reason": None}
        facts = run.finish() if run is not None and reached else [stopped] * len(pending)
        note = "" if run is None else run.note
        found = {
            cell: Outcome(cell, fact["status"], fact["reason"] or note, fresh=reached)
            for cell, fact in zip(pending, facts, strict=True)
        }
        return [known[cell] or found[cell] for cell in block.cells]

    return close


def _compiled(job: Job) -> Compiled:
    """Compile what the blocks of a job share, and return what each of them does with it."""
    cell = job.blocks[0].cells[0]
    if cell.model is None:
        return functools.partial(ProblemWork, Program(cell, job.specs))
    return functools.partial(StudyWork, StudyProgram(cell))


def _started(
    block: Block, pending: list[Cell], job: Job, compiled: Compiled, root: Path
) -> BlockRun:
    run = BlockRun(compiled(block), block, pending, root)
    run.told("compile", run.work.seconds, cells=len(job.cells))
    return run


def _guarded(block: Block, call: Callable[[], T]) -> T | list[Outcome]:
    """Return what the call returns, or whatever goes wrong as the outcome of the block's cells."""
    try:
        return call()
    except _folder.BusyError as error:
        return [Outcome(cell, "busy", str(error)) for cell in block.cells]
    except DataError as error:
        note = "; ".join(str(error).splitlines())
        return [Outcome(cell, "no data", note) for cell in block.cells]
    # One block that fails, for whatever reason, must not take the others with it.
    except Exception as error:  # noqa: BLE001
        note = f"{type(error).__name__}: {error}"
        return [Outcome(cell, "error", note, trace=traceback.format_exc()) for cell in block.cells]
