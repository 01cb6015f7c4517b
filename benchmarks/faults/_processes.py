"""`python -m benchmarks run` in processes of its own, which are signalled and always reaped."""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import jax

import benchmarks

_REPOSITORY = Path(benchmarks.__file__).parents[1]
_SET_CHILD_SUBREAPER = 36  # of Linux's prctl
_PATIENCE = 300.0  # seconds in which a sweep ends
_POLL = 0.005
_EARLY = 0.25  # share of the signals that may come before a runner touches its folder


def variables(scratch: Path) -> dict[str, str]:
    """Return what lets children find this package, and compile each program once.

    Args:
        scratch: folder of compiled programs, unless this process keeps its own in one.
    """
    compiled = jax.config.values["jax_compilation_cache_dir"] or scratch / "compiled"
    return {
        "JAX_COMPILATION_CACHE_DIR": str(compiled),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "PYTHONPATH": str(_REPOSITORY),
    }


class FailedError(RuntimeError):
    """A sweep that nobody disturbed did not end well."""


def benchmarks_command(*arguments: str, scratch: Path) -> str:
    """Run `python -m benchmarks` with these arguments, and return what it printed.

    Raises:
        FailedError: if its exit code is not 0.
    """
    argv = [sys.executable, "-m", "benchmarks", *arguments]
    answer = subprocess.run(
        argv, env=os.environ | variables(scratch), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise FailedError(f"{' '.join(argv)} ended with {answer.returncode}:\n{answer.stderr}")
    return answer.stdout


class Pace(NamedTuple):
    """How long a sweep takes that nobody disturbs, in seconds.

    Attributes:
        start: until it first writes to its folder: imports, and compiled programs that are read.
        work: from then to its end.
    """

    start: float
    work: float

    def instant(self, draws: random.Random, share: float) -> tuple[bool, float]:
        """Draw when a signal comes: whether the folder must be touched first, and how long after.

        Args:
            draws: the generator.
            share: of `work`, in which the instants lie.
        """
        if draws.random() < _EARLY:
            return False, draws.uniform(0.0, self.start)
        return True, draws.uniform(0.0, share * self.work)


class Sweep:
    """The command on one folder, begun as often as one likes.

    As a context it ends all that is left of it, workers included.

    Args:
        suite: the suite's file.
        out: the folder.
        *arguments: of the command.
        module: what runs in place of the command, with the same first arguments.
        environment: variables to set.
        log: where what it says goes; beside the folder where none is given.
    """

    def __init__(
        self,
        suite: Path,
        out: Path,
        *arguments: str,
        module: str = "",
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        called = [module, str(suite), str(out)] if module else _command(suite, out)
        self._argv = [sys.executable, "-m", *called, *arguments]
        self._environment = os.environ | variables(suite.parent) | dict(environment or {})
        self.out, self.log = out, log or out.with_suffix(".log")
        self._begun: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Sweep":
        _adopt_orphans()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._begun:
            _reap(process)

    def begin(self) -> "subprocess.Popen[bytes]":
        """Start the command in a process group of its own; what it says goes to `log`."""
        with self.log.open("wb") as stream:
            process = subprocess.Popen(
                self._argv, env=self._environment, start_new_session=True, cwd=self.out.parent,
                stdout=stream, stderr=stream,
            )  # fmt: skip
        self._begun.append(process)
        return process

    def through(self) -> str:
        """Run to the end, undisturbed, and return what it said.

        Raises:
            FailedError: if its exit code is not 0.
        """
        return self.ended(self.begin())

    def ended(self, process: "subprocess.Popen[bytes]") -> str:
        """Wait for a process that nobody disturbs, and return what it said.

        Raises:
            FailedError: if its exit code is not 0.
        """
        code = process.wait(_PATIENCE)
        told = self.log.read_text(encoding="utf-8")
        if code:
            raise FailedError(f"{' '.join(self._argv)} ended with {code}:\n{told}")
        return told

    def pace(self) -> Pace:
        """Run to the end, and say how long it took."""
        started = time.monotonic()
        process = self.begin()
        self._touched(process, self._state())
        touched = time.monotonic()
        self.ended(process)
        return Pace(touched - started, time.monotonic() - touched)

    def interrupted(
        self, number: int, touched: bool, seconds: float, draws: random.Random
    ) -> tuple[int, str]:
        """Begin, send a signal later on, and wait for the end.

        Args:
            number: of the signal.
            touched: whether the folder must be touched before the seconds count.
            seconds: how much later.
            draws: decides who is hit.

        Returns:
            The exit code, and whom the signal hit; "" where the sweep had ended before.
        """
        before, process = self._state(), self.begin()
        if touched:
            self._touched(process, before)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds), ""
        hit = _signal(process, number, draws)
        return process.wait(_PATIENCE), hit

    def _touched(self, process: "subprocess.Popen[bytes]", before: list[int]) -> None:
        """Wait until the process has written to its folder, or has ended."""
        while process.poll() is None and self._state() == before:
            time.sleep(_POLL)

    def _state(self) -> list[int]:
        """Return what changes with every new cell and every checkpoint."""
        folders = (self.out / name for name in ("cells", "checkpoints"))
        return [folder.stat().st_mtime_ns for folder in folders if folder.exists()]


def _command(suite: Path, out: Path) -> list[str]:
    return ["benchmarks", "run", str(suite), "--out", str(out)]


def _signal(process: "subprocess.Popen[bytes]", number: int, draws: random.Random) -> str:
    """Send a signal as a terminal does, or to the first process, or kill one of its workers."""
    kind = draws.choice(["all", "first", "worker"])
    workers = _workers(process.pid) if kind == "worker" and number == signal.SIGKILL else []
    if workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(draws.choice(workers), number)
        return "a worker"
    if kind == "all":
        os.killpg(process.pid, number)
        return "all processes"
    process.send_signal(number)
    return "the first process"


def _workers(pid: int) -> list[int]:
    """Return the children of a process, where the system lists them, but for joblib's helper."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    found = []
    for child in listed.read_text().split() if listed.exists() else ():
        with contextlib.suppress(OSError):  # ended just now
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def _adopt_orphans() -> None:
    """Become the parent of workers whose parent is killed, so that they can be waited for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-process.pid, 0)
