"""Progress of a long loop: a bar on a terminal, a few plain lines elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

_SECONDS_BETWEEN_LINES = 10.0


class Meter:
    """Shows how far a loop is, with a short note, on standard error.

    Args:
        title: what runs.
        total: number of steps, or None if unknown.
        show: False shows nothing.
    """

    def __init__(self, title: str, total: int | None, show: bool) -> None:
        self.title, self.total, self.show = title, total, show
        self.done, self.note = 0, ""
        self._bar: Progress | None = None
        self._task: Any = None
        self._last, self._said = time.monotonic(), -1

    def __enter__(self) -> "Meter":
        console = Console(stderr=True)
        if self.show and console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=console,
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
            self._line()

    def follow(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items and count each when its body is done."""
        for item in items:
            yield item
            self._advance()

    def _advance(self) -> None:
        self.done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, note=self.note)
        elif self.show and time.monotonic() - self._last > _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._line()

    def _line(self) -> None:
        self._said = self.done
        of = "" if self.total is None else f"/{self.total}"
        sys.stderr.write(f"{self.title} {self.done}{of} {self.note}".rstrip() + "\n")
        sys.stderr.flush()
