"""What a fault is asked to do, and what it reports."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from benchmarks.tables import Table, show

_SHOWN = 10  # of what did not hold


class Plan(NamedTuple):
    """What a fault is asked to do.

    Attributes:
        times: how many faults; what one of them is, the fault says.
        scratch: an empty folder, which somebody else removes.
        seed: decides every instant, bit and order that is drawn.
    """

    times: int
    scratch: Path
    seed: int = 0

    def draws(self, name: str) -> random.Random:
        """Return a generator that depends on the seed and the name only."""
        return random.Random(f"{name} {self.seed}")


@dataclass
class Finding:
    """What became of faults of one kind.

    Attributes:
        did: what was done.
        found: what came of it -> how often.
        broken: what should not have happened; the faults were survived if there is none.
        skipped: why nothing was done, or "".

    Example:
        >>> finding = Finding("one bit of config.json")
        >>> finding.saw("detected")
        >>> finding.expect(False, "another file was changed")
        >>> finding.count, finding.held
        (1, False)
    """

    did: str
    found: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def count(self) -> int:
        """How many faults there were."""
        return self.found.total()

    @property
    def held(self) -> bool:
        """Whether there were faults and all of them were survived, or none could be tried."""
        return bool(self.count or self.skipped) and not self.broken

    def saw(self, what: str) -> None:
        """Count a fault and what came of it."""
        self.found[what] += 1

    def expect(self, held: object, otherwise: str) -> None:
        """Keep what is wrong unless a condition holds."""
        if not held:
            self.broken.append(otherwise)


def tell(title: str, findings: Iterable[Finding], console: Console, note: str = "") -> bool:
    """Print findings as a table, and what did not hold below it; return whether all held."""
    found = list(findings)
    columns = ("done", "times", "found", "survived")
    show(Table(title, columns, [_row(finding) for finding in found], note), console)
    for finding in found:
        for what in finding.broken[:_SHOWN]:
            console.print(f"{finding.did}: {what}", highlight=False, markup=False, soft_wrap=True)
        if len(finding.broken) > _SHOWN:
            console.print(f"and {len(finding.broken) - _SHOWN:,} more")
    return bool(found) and all(finding.held for finding in found)


def _row(finding: Finding) -> tuple[str, ...]:
    if finding.skipped:
        return finding.did, "0", finding.skipped, "not tried"
    found = ", ".join(f"{count:,} {what}" for what, count in finding.found.most_common())
    return finding.did, f"{finding.count:,}", found, "yes" if finding.held else "NO"
