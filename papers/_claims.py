"""A claim: what a paper says, where it stands, and the range that a rerun must fall into."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

SOURCES = {"paper": "the paper", "code": "its authors' code", "own": "an instance of our own"}
STATUSES = ("matches", "differs", "not run")
_ENDS = ("at_least", "at_most")


class Claim(NamedTuple):
    """One row of `expected.json`.

    Attributes:
        key: its name, such as `CAG-1`.
        claim: what is claimed, in our words.
        quantity: what is measured: a key of what `reproduce.measure` returns.
        source: `paper`, `code` or `own`: an instance that we built.
        place: where it stands: table, figure, equation, section, or file of the code.
        read: whether that place was read, rather than somebody's account of it.
        paper: the published value, a number or words; None where there is none.
        ours: what the full check measured.
        at_least: lower end of the range that a rerun must fall into.
        at_most: its upper end.
        status: `matches`, or `differs`: what is published does not survive, and the range is that
            of the counterexample; or `not run`, of a quantity that `measure` does not return.
        note: conditions, and what differs from the paper.
    """

    key: str
    claim: str
    quantity: str
    source: str
    place: str
    read: bool
    paper: float | str | None
    ours: float
    at_least: float
    at_most: float
    status: str
    note: str

    def holds(self, value: float) -> bool:
        """Return whether a measured value is in the range."""
        return self.at_least <= value <= self.at_most


def read_claims(path: Path) -> list[Claim]:
    """Read the claims of a paper.

    Raises:
        ValueError: if a row is not a claim; the message names file, row and field.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    claims = [_claim(row, f"{path}, row {number}") for number, row in enumerate(rows, start=1)]
    for field in ("key", "quantity"):
        names = [getattr(claim, field) for claim in claims]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{path}: {field} must not repeat, got {', '.join(twice)} twice")
    return claims


def write_claims(path: Path, claims: list[Claim], measured: Mapping[str, float]) -> None:
    """Write claims with what was measured now in place of `ours`."""
    rows = [_row(claim._replace(ours=measured.get(claim.quantity, claim.ours))) for claim in claims]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _claim(row: Mapping[str, Any], where: str) -> Claim:
    tolerance = row.get("tolerance")
    if not isinstance(tolerance, dict) or not tolerance or set(tolerance) - set(_ENDS):
        raise ValueError(f"{where}: tolerance must hold at_least, at_most or both, got {tolerance}")
    wanted = {*Claim._fields, "tolerance"} - set(_ENDS)
    if set(row) != wanted:
        raise ValueError(f"{where}: fields must be {sorted(wanted)}, got {sorted(row)}")
    ends = {"at_least": -math.inf, "at_most": math.inf} | tolerance
    claim = Claim(**{name: value for name, value in row.items() if name != "tolerance"}, **ends)
    if claim.source not in SOURCES or claim.status not in STATUSES:
        raise ValueError(
            f"{where}: source must be one of {', '.join(SOURCES)} and status one of "
            f"{', '.join(STATUSES)}, got {claim.source!r} and {claim.status!r}"
        )
    if not claim.holds(claim.ours):
        raise ValueError(f"{where}: ours, {claim.ours}, is outside its own range {tolerance}")
    return claim


def _row(claim: Claim) -> dict[str, Any]:
    row = claim._asdict()
    ends = {name: row.pop(name) for name in _ENDS}
    row["tolerance"] = {name: end for name, end in ends.items() if math.isfinite(end)}
    order = ("key", "claim", "quantity", "source", "place", "read", "paper", "ours", "tolerance")
    return {name: row[name] for name in (*order, "status", "note")}
