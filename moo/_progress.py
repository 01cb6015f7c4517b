"""Progress of a long loop: a bar on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

_SECONDS_BETWEEN_LINES = 10.0


class Meter:
    """Shows how far a loop is, with a short note.

    Args:
        title: what runs.
        total: number of steps, or None if unknown.
        show: False shows nothing.
        console: where to show it; None is standard error.
    """

    def __init__(
        self, title: str, total: int | None, show: bool = True, console: Console | None = None
    ) -> None:
        self.title, self.total, self.show = title, total, show
        self.console = Console(stderr=True) if console is None else console
        self.done, self.note = 0, ""
        self._bar: Progress | None = None
        self._task: Any = None
        self.started = self._last = time.monotonic()
        self._said = -1

    def __enter__(self) -> Self:
        if self.show and self.console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=self.console,
                transient=True,
            )
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
        elif self.show and self._said != self.done:
            self._say()

    def follow(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items and count each when its body is done."""
        for item in items:
            yield item
            self.advance()

    def advance(self, count: int = 1) -> None:
        """Count steps that are done, and show it if it is time to."""
        self.done += count
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, note=self.note)
        elif self.show and time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._say()

    def line(self) -> str:
        """Return the plain line."""
        of = "" if self.total is None else f"/{self.total}"
        return f"{self.title} {self.done}{of} {self.note}".rstrip()

    def _say(self) -> None:
        self._said = self.done
        self.console.print(self.line(), markup=False, highlight=False, soft_wrap=True)
