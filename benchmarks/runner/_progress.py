"""How far a sweep is: a bar on a terminal, a plain line now and then elsewhere."""

import time

from rich.console import Console

from moo import _progress


class Meter(_progress.Meter):
    """Shows how many cells are through, how many of them failed, and the time that is left.

    Args:
        title: what runs.
        total: number of cells.
        console: where to show it.
    """

    def __init__(self, title: str, total: int, console: Console) -> None:
        super().__init__(title, total, console=console)
        self.cells, self.failed = total, 0

    def add(self, done: int, failed: int) -> None:
        """Count cells that are through, and those of them that failed."""
        self.failed += failed
        self.note = f"{self.failed} failed" if self.failed else ""
        self.advance(done)

    def line(self) -> str:
        """Return the plain line."""
        elapsed = time.monotonic() - self.started
        parts = [f"{self.title} {self.done}/{self.cells} cells", f"{elapsed:.0f} s"]
        if self.note:
            parts.append(self.note)
        if 0 < self.done < self.cells:
            parts.append(f"about {elapsed / self.done * (self.cells - self.done):.0f} s left")
        return ", ".join(parts)
