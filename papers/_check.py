"""Claims against a rerun: which hold, and a table that says so."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from papers._claims import Claim, write_claims
from papers._paper import Paper


class Checked(NamedTuple):
    """A claim and what was measured of it now; None where this scale does not measure it."""

    claim: Claim
    measured: float | None

    @property
    def said(self) -> str:
        """What became of it, in a word or two."""
        if self.measured is None:
            return "not run"
        return self.claim.status if self.claim.holds(self.measured) else "FAILS"


def check(chosen: Sequence[Paper], *, smoke: bool, record: bool = False) -> int:
    """Check the claims of some papers and print a table of each.

    Args:
        chosen: the papers.
        smoke: whether at the small size, which leaves some claims out.
        record: whether to write what was measured into `expected.json`, where all claims hold.

    Returns:
        1 if a claim fails, of either status: what is said to match must match, and a
        counterexample must still be one. Else 0.
    """
    console, failed, count, started = Console(), 0, 0, time.perf_counter()
    for paper in chosen:
        began = time.perf_counter()
        measured = paper.measure(smoke=smoke)
        found = compare(paper, measured, smoke=smoke)
        _show(paper, found, time.perf_counter() - began, console)
        fails = sum(one.said == "FAILS" for one in found)
        failed, count = failed + fails, count + len(found)
        if record and not smoke and not fails:
            write_claims(paper.folder / "expected.json", paper.claims, measured)
    seconds = time.perf_counter() - started
    console.print(f"{count} claims of {len(chosen)} papers, {failed} fail; {seconds:.0f} s")
    return int(failed > 0)


def compare(paper: Paper, measured: dict[str, float], *, smoke: bool) -> list[Checked]:
    """Put what was measured beside the claims.

    Raises:
        ValueError: if a quantity belongs to no claim, or a full check leaves one out.
    """
    wanted = {claim.quantity for claim in paper.claims if claim.status != "not run"}
    unknown, missing = measured.keys() - wanted, wanted - measured.keys()
    if unknown or (missing and not smoke):
        raise ValueError(
            f"{paper.key}: measured quantities must be those of expected.json; too many: "
            f"{sorted(unknown)}, missing: {sorted(missing)}"
        )
    return [Checked(claim, measured.get(claim.quantity)) for claim in paper.claims]


def span(claim: Claim) -> str:
    """Return the range of a claim in short."""
    low, high = claim.at_least, claim.at_most
    if low == float("-inf"):
        return f"≤ {high:.3g}"
    return f"≥ {low:.3g}" if high == float("inf") else f"{low:.4g} to {high:.4g}"


def _show(paper: Paper, found: Sequence[Checked], seconds: float, console: Console) -> None:
    table = Table(title=f"{paper.key}: {paper.title}", box=box.SIMPLE_HEAD)
    table.caption = f"{seconds:.1f} s"
    for name in ("claim", "", "place", "measured", "range", "status"):
        table.add_column(name, overflow="fold")
    for one in found:
        measured = "" if one.measured is None else f"{one.measured:.3g}"
        claim = one.claim
        shown = (claim.key, claim.claim, claim.place, measured, span(claim), one.said)
        table.add_row(*map(escape, shown))
    console.print(table)
