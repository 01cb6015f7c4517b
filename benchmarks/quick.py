"""The main job: figures and tables of moo in one go, with nothing to download."""

import importlib.metadata
import multiprocessing
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

import moo
from benchmarks import entire_space, figures, real_data, toy
from benchmarks.portfolio import by_need
from benchmarks.report import Section, write_report
from benchmarks.tables import Table, show, write_csv

SEEDS = (0, 1, 2)
# Each worker compiles and trains on its own core; more threads inside would only contend.
_ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
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


def quick(out: Path, *, smoke: bool = False, workers: int = 2) -> Path:
    """Run everything and write figures, tables and `report.html`.

    Args:
        out: folder to write to; made if it is not there.
        smoke: two seeds, fewer steps and rows: a check that all of it runs, not a result.
        workers: processes.

    Returns:
        The path of the report.
    """
    started, console = time.perf_counter(), Console(width=160)
    for folder in ("figures", "tables", "trajectories"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    real = real_data.present()
    jobs = plan(real, smoke)
    console.print(f"{len(jobs)} jobs on {workers} processes; real data: {', '.join(real)}")
    done: list[Done] = []
    for finished in run_all(jobs, workers):
        done.append(finished)
        console.print(
            f"[{len(done):>2}/{len(jobs)}] {finished.job.part}: {finished.job.name}, "
            f"{finished.seconds:.1f} s"
        )
        if finished.job.part == "toy" and _complete(done, jobs, "toy"):
            toy_section = figures.toy_section(_results(done, jobs, "toy"), out)
            console.print(f"toy figure after {time.perf_counter() - started:.1f} s")
    sections = [toy_section, figures.simulator_section(_results(done, jobs, "short_video"), out)]
    sections += [figures.real_section(name, _results(done, jobs, name), out) for name in real]
    facts = environment(smoke)
    facts |= {"real data": ", ".join(real), "seconds": f"{time.perf_counter() - started:.1f}"}
    report = out / "report.html"
    write_report(report, "moo quick benchmark", facts, sections)
    for table in _tables(sections):
        show(table, console)
        write_csv(table, out / "tables" / f"{_slug(table.title)}.csv")
    _say_where(console, report, real, time.perf_counter() - started)
    return report


def plan(real: Sequence[str], smoke: bool) -> list[Job]:
    """Return all jobs: the toy's first, then the simulator's and those of each real data set."""
    seeds = SEEDS[:2] if smoke else SEEDS
    steps, rows = (700, 5_000) if smoke else (toy.STEPS, entire_space.ROWS)
    jobs = [Job("toy", method, toy.trajectory, (method, steps)) for method in toy.METHODS]
    # The Gram methods first: the longest job must not come last.
    jobs += [
        Job("short_video", ", ".join(group), entire_space.run_methods, (group, seeds, rows))
        for group in reversed(by_need(entire_space.METHODS))
    ]
    jobs += [
        Job(name, ", ".join(group), real_data.run_methods, (name, group, seeds))
        for name in real
        for group in by_need(real_data.METHODS)
    ]
    return jobs


def run_all(jobs: Sequence[Job], workers: int) -> Iterator[Done]:
    """Yield jobs as they finish; with one worker, in this process."""
    if workers == 1:
        yield from (_timed(job) for job in jobs)
        return
    os.environ.update({name: os.environ.get(name, value) for name, value in _ONE_THREAD.items()})
    # Spawned, because a forked JAX deadlocks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running = [pool.submit(_timed, job) for job in jobs]
        yield from (finished.result() for finished in as_completed(running))


def environment(smoke: bool) -> dict[str, str]:
    """Return what a reader needs to run it again."""
    names = ("jax", "jaxlib", "flax", "optax", "numpy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return {
        "command": "python -m benchmarks quick" + (" --smoke" if smoke else ""),
        "date": time.strftime("%Y-%m-%d"),
        "versions": f"moo {moo.__version__}, Python {platform.python_version()}, {versions}",
        "device": f"{os.cpu_count()} CPU cores, {platform.machine()}; float32",
        "settings": " ".join(f"{name}={value!r}" for name, value in _settings().items()),
        "commit": _commit(),
        "seeds": ", ".join(map(str, SEEDS[:2] if smoke else SEEDS)),
    }


def _settings() -> dict[str, str]:
    names = (*_ONE_THREAD, "OPENBLAS_CORETYPE")
    return {name: os.environ[name] for name in names if name in os.environ}


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _timed(job: Job) -> Done:
    started = time.perf_counter()
    result = job.run(*job.args)
    return Done(job, result, time.perf_counter() - started)


def _results(done: Sequence[Done], jobs: Sequence[Job], part: str) -> dict[str, Done]:
    """Return the finished jobs of a part by name, in the order of the plan."""
    by_name = {item.job.name: item for item in done if item.job.part == part}
    return {job.name: by_name[job.name] for job in jobs if job.part == part}


def _complete(done: Sequence[Done], jobs: Sequence[Job], part: str) -> bool:
    return sum(d.job.part == part for d in done) == sum(job.part == part for job in jobs)


def _tables(sections: Sequence[Section]) -> list[Table]:
    return [table for section in sections for table in section.tables]


def _slug(title: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


def _say_where(console: Console, report: Path, real: Sequence[str], seconds: float) -> None:
    console.print(f"wrote {report.resolve()} and figures, tables, trajectories beside it")
    console.print(f"real data used: {', '.join(real)}; {seconds:.0f} s in all")
    if "kuairand_subset" not in real:
        console.print("for KuaiRand, set MOO_DATA_ROOT to the folder that holds kuairand/")
    sys.stdout.flush()
