"""How far a sweep is: a bar on a terminal, a plain line now and then elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 10.0


class Meter:
    """Shows how many cells are through, how many of them failed, and the time that is left.

    Args:
        title: what runs.
        total: number of cells.
        console: where to show it.
    """

    def __init__(self, title: str, total: int, console: Console) -> None:
        self.title, self.total, self.console = title, total, console
        self.done, self.failed = 0, 0
        self._bar: Progress | None = None
        self._started = self._said = time.monotonic()

    def __enter__(self) -> "Meter":
        if self.console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                TimeRemainingColumn(), TextColumn("{task.fields[note]}"), console=self.console,
                transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task(self.title, total=self.total, note="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def add(self, done: int, failed: int) -> None:
        """Count cells that are through, and those of them that failed."""
        self.done, self.failed = self.done + done, self.failed + failed
        note = f"{self.failed} failed" if self.failed else ""
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, note=note)
        elif time.monotonic() - self._said >= SECONDS_BETWEEN_LINES or self.done == self.total:
            self._said = time.monotonic()
            self.console.print(self.line(self._said - self._started), highlight=False)

    def line(self, elapsed: float) -> str:
        """Return the plain line, after so many seconds."""
        left = elapsed / self.done * (self.total - self.done) if self.done else float("inf")
        parts = [f"{self.title} {self.done}/{self.total} cells", f"{elapsed:.0f} s"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if 0 < left < float("inf"):
            parts.append(f"about {left:.0f} s left")
        return ", ".join(parts)
