"""Jobs on worker processes, or in this one."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from typing import Any, NamedTuple

from rich.console import Console

# Each worker compiles and trains on its own core; more threads inside would only contend.
ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}


class Job(NamedTuple):
    """One unit of work: a method on the toy, or a group of them on the simulator or real data."""

    part: str
    name: str
    run: Callable[..., Any]
    args: tuple[Any, ...]


class Done(NamedTuple):
    """A finished job: what it returned, and its seconds, compilation included."""

    job: Job
    result: Any
    seconds: float


class Inline(Executor):
    """Runs each job at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a finished future."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def executor(workers: int) -> Executor:
    """Return where jobs run: worker processes, or this one if there is one worker."""
    if workers == 1:
        return Inline()
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    # Spawned, because a forked JAX deadlocks.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def timed(job: Job) -> Done:
    """Run a job and take its time."""
    started = time.perf_counter()
    result = job.run(*job.args)
    return Done(job, result, time.perf_counter() - started)


def collect(pool: Executor, jobs: Sequence[Job], console: Console) -> dict[Job, Done]:
    """Run jobs, report each as it ends, and return them in the order given."""
    running = {pool.submit(timed, job): job for job in jobs}
    done: dict[Job, Done] = {}
    for count, future in enumerate(as_completed(running), start=1):
        finished: Done = future.result()
        done[running[future]] = finished
        where = f"[{count:>2}/{len(jobs)}] {finished.job.part}: {finished.job.name}"
        console.print(f"{where}, {finished.seconds:.1f} s", highlight=False)
    return {job: done[job] for job in jobs}
