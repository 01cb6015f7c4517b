"""The main job: figures and tables of moo in one go, with nothing to download."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

import moo
from benchmarks import entire_space, figures, real_data, toy
from benchmarks.pool import ONE_THREAD, Done, Job, collect, executor
from benchmarks.portfolio import by_need
from benchmarks.report import Section, write_report
from benchmarks.tables import Table, show, write_csv

SEEDS = (0, 1, 2)


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
    with executor(workers) as pool:
        toys = collect(pool, toy_jobs(smoke), console)
        # A worker draws the figure while the other trains on.
        by_method = {job.name: done for job, done in toys.items()}
        drawing = pool.submit(figures.toy_section, by_method, out)
        drawing.add_done_callback(
            lambda _: console.print(f"toy figure after {time.perf_counter() - started:.1f} s")
        )
        real = real_data.present()
        trained = collect(pool, training_jobs(real, smoke), console)
        toy_section = drawing.result()
    sections = [toy_section, figures.simulator_section(_of("short_video", trained), out)]
    sections += [figures.real_section(name, _of(name, trained), out) for name in real]
    facts = environment(smoke)
    facts |= {"real data": ", ".join(real), "seconds": f"{time.perf_counter() - started:.1f}"}
    report = out / "report.html"
    write_report(report, "moo quick benchmark", facts, sections)
    for table in _tables(sections):
        show(table, console)
        write_csv(table, out / "tables" / f"{_slug(table.title)}.csv")
    _say_where(console, report, real, time.perf_counter() - started)
    return report


def toy_jobs(smoke: bool) -> list[Job]:
    """Return the toy's jobs, one a method."""
    steps = 700 if smoke else toy.STEPS
    return [Job("toy", method, toy.trajectory, (method, steps)) for method in toy.METHODS]


def training_jobs(real: Sequence[str], smoke: bool) -> list[Job]:
    """Return the jobs on the simulator and on each real data set, one a group of methods."""
    seeds = SEEDS[:2] if smoke else SEEDS
    rows = 5_000 if smoke else entire_space.ROWS
    # The Gram methods first: the longest job must not come last.
    simulated = [
        Job("short_video", ", ".join(group), entire_space.run_methods, (tuple(group), seeds, rows))
        for group in reversed(by_need(entire_space.METHODS))
    ]
    return simulated + [
        Job(name, ", ".join(group), real_data.run_methods, (name, tuple(group), seeds))
        for name in real
        for group in by_need(real_data.METHODS)
    ]


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
    names = (*ONE_THREAD, "OPENBLAS_CORETYPE")
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


def _of(part: str, done: Mapping[Job, Done]) -> dict[str, Done]:
    """Return the finished jobs of a part by name."""
    return {job.name: finished for job, finished in done.items() if job.part == part}


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
