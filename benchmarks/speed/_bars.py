"""The bars: what each row of measurements must reach."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

Results = Mapping[str, Mapping[str, Any]]


class Bar(NamedTuple):
    """One number to reach.

    Attributes:
        row: the row that measures it.
        key: its name among the row's values.
        bound: what it must reach.
        least: whether the bound is the least, not the most, that is allowed.
        unit: unit of the value, such as ` MB`, or "".
        what: the quantity, in words.
    """

    row: str
    key: str
    bound: float
    least: bool
    unit: str
    what: str

    def held(self, value: float) -> bool:
        """Return whether a value reaches the bound; NaN does not."""
        return value >= self.bound if self.least else value <= self.bound

    @property
    def asked(self) -> str:
        """Return the bound as text."""
        return f"{'≥' if self.least else '≤'} {self.bound:g}{self.unit}"


def _at_least(row: str, key: str, bound: float, unit: str, what: str) -> Bar:
    return Bar(row, key, bound, True, unit, what)


def _at_most(row: str, key: str, bound: float, unit: str, what: str) -> Bar:
    return Bar(row, key, bound, False, unit, what)


BARS = (
    _at_least("steps", "median", 2.5, " ×", "training step against TorchJD's, median over all"),
    _at_least("steps", "least", 1, " ×", "the same, the least of all"),
    _at_least("steps", "nash_mtl", 10, " ×", "step of nash_mtl at 3×64, the least of all"),
    _at_most("floor", "rows", 1.1, " ×", "step against one forward and m backwards, rows kept"),
    _at_most("floor", "two_pass", 1.1, " ×",
             "the same in two passes, in units of (m+2)/(m+1), the most of all"),
    _at_most("temporaries", "m16", 40, " MB", "temporaries of a Gram step at m = 16, rows kept"),
    _at_most("temporaries", "m64", 60, " MB", "the same at m = 64, a budget of 32 MiB for rows"),
    _at_least("toy", "ratio", 200, " ×", "toy figure against the same loop with TorchJD"),
    _at_most("tables", "growth", 1.5, " ×", "ESMM step, 1e8 rows of the table against 1e4"),
    _at_least("tables", "over_dense", 500, " ×", "ESMM step against the dense path at 1e7 rows"),
    _at_most("tables", "above_table", 1.5, " GB", "peak memory above the table, 1e8 × 16"),
    _at_least("throughput", "deepctr_torch", 5, " ×",
              "samples a second against DeepCTR-Torch, the lesser of ESMM and MMoE"),
    _at_least("throughput", "torch_rechub", 5, " ×", "the same against torch-rechub"),
    _at_most("throughput", "auc_missing", 0.003, "", "test AUC below the best peer's, the most"),
    _at_least("per_example", "speed", 2, " ×", "256 per-example objectives against autogram"),
    _at_most("per_example", "memory", 1, " ×", "their memory against autogram's"),
    _at_least("sweeps", "loop", 3, " ×", "64 runs vmapped against one step a call, run by run"),
    _at_most("devices", "devices", 1e-5, "", "Gramian over 8 devices against one, difference"),
    _at_most("devices", "processes", 1e-5, "", "Gramian over 2 processes, difference"),
    _at_most("imports", "moo", 0.15, " s", "import moo"),
    _at_most("imports", "help", 0.4, " s", "moo --help"),
)  # fmt: skip


class Verdict(NamedTuple):
    """A bar beside what was measured: NaN where nothing was.

    Attributes:
        bar: the bar.
        value: what was measured.
        floor: the value that a program at its floor would have, where the row measures one.
    """

    bar: Bar
    value: float
    floor: float = math.nan

    @property
    def held(self) -> bool:
        """Return whether the bar is reached."""
        return self.bar.held(self.value)

    @property
    def verdict(self) -> str:
        """Return whether the bar is reached, as text."""
        if math.isnan(self.value):
            return "–"
        return "yes" if self.held else "**no**"

    @property
    def measured(self) -> str:
        """Return the value as text."""
        return self._told(self.value) or "not measured"

    @property
    def at_floor(self) -> str:
        """Return the floor's value as text, empty where there is none."""
        return self._told(self.floor)

    def _told(self, value: float) -> str:
        return "" if math.isnan(value) else f"{value:.3g}{self.bar.unit}"


def verdicts(results: Results, rows: tuple[str, ...]) -> list[Verdict]:
    """Return every bar of some rows beside its value, in the order of the bars."""
    return [
        Verdict(bar, _value(results, bar, bar.key), _value(results, bar, f"{bar.key}_floor"))
        for bar in BARS
        if bar.row in rows
    ]


def _value(results: Results, bar: Bar, key: str) -> float:
    value = results.get(bar.row, {}).get("values", {}).get(key)
    return math.nan if value is None else float(value)
