"""Tables of test metrics: mean and interval over seeds, and the budget that they cost."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table as RichTable

import moo


class Table(NamedTuple):
    """A table as text: every cell is already formatted."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str


class Budget(NamedTuple):
    """What one cell cost over all of its seeds."""

    steps: int
    backward_passes: int
    seconds: float

    @classmethod
    def of(cls, method: str, steps: int, num_objectives: int, seconds: float) -> "Budget":
        """Count backward passes by the method's registry row."""
        passes = moo.aggregators.METHODS[method].backward_passes.partition(",")[0]
        return cls(steps, steps * (num_objectives if passes == "m" else int(passes)), seconds)


def metric_row(
    names: Sequence[str], metrics: Sequence[Mapping[str, float]], budget: Budget
) -> tuple[str, ...]:
    """Return the metrics as mean and half-width of the 95 % interval, then the budget."""
    cells = [spread([found[name] for found in metrics]) for name in names]
    return (*cells, f"{budget.steps:,}", f"{budget.backward_passes:,}", f"{budget.seconds:.1f}")


def spread(values: Sequence[float]) -> str:
    """Return `mean ± half-width`, or say how many seeds failed."""
    failed = int(np.sum(~np.isfinite(values)))
    if failed:
        return f"{failed} of {len(values)} failed"
    mean, _, high, n = moo.metrics.interval(values)
    return f"{mean:.4f}" if n < 2 else f"{mean:.4f} ± {high - mean:.4f}"


def show(table: Table, console: Console) -> None:
    """Print a table."""
    shown = RichTable(title=table.title, caption=table.note, box=box.SIMPLE_HEAD)
    for index, column in enumerate(table.columns):
        shown.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([table.columns, *table.rows])
