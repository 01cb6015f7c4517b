"""The comparison as a page of the documentation, made where the peers are installed."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.peers import cases
from benchmarks.peers.answers import Answer
from benchmarks.peers.entries import ENTRIES, Entry
from benchmarks.peers.names import LIBMTL, NOT_COMPARED, ONLY_THEIRS, TORCHJD, classes, unnamed
from moo._files import write_atomically
from moo.aggregators import METHODS, SETS

COMMAND = 'pip install -e ".[compare]" && python -m benchmarks compare --out docs'

TESTS = "tests/aggregators/test_peers.py"

TOP = """
The same Jacobians of {m} objectives (the first 2 of them for `pcgrad` and `gradvac`, where the
order that they draw is then no matter) and {d} parameters for every package, in float32, at equal
hyper-parameters and from a new state. *Difference* is the largest relative distance of the peer's
direction from that of `moo` over {n} ordinary Jacobians (Gaussian entries), after the factor of
length in the last column. The *certificate* says how far an answer is from its method's own
definition, 0 being exact; it is the worst over {total} hard Jacobians: {hard}. The **smallest**
certificate of a method is bold. *Fails* counts answers left out of it: those not finite, weights
not positive where the definition wants them so, and 0 in place of equal projections. Made by
``{command}`` with {versions}.
"""

HAVE = """
TorchJD 0.18.0 has {aggregators} aggregators and weightings, counting a weighting with its
aggregator, and {scalarizers} scalarizers; LibMTL 1.1.5 has {libmtl} weightings; base classes are
not counted. `moo` has all {every} methods below, {torchjd} of which are in TorchJD and {both} in
LibMTL.
"""


def write_page(folder: Path) -> Path:
    """Compare all entries and write `comparison.rst` into the folder.

    Raises:
        RuntimeError: if the tables of names miss a class of the installed peers.
    """
    if left := unnamed():
        raise RuntimeError(f"benchmarks/peers/names.py does not say what these are: {left}")
    rows = [row for name, entry in ENTRIES.items() for row in _rows(name, entry)]
    columns = ("method", "package", "difference", "certificate", "worst", "fails", "factor")
    parts = [
        _heading("Beside TorchJD and LibMTL", "="), _top(), _table(columns, rows),
        _heading("Why they differ", "-"), f"Each reason is computed by tests in ``{TESTS}``.\n",
        _table(("method", "reason", "tests"), _reasons()),
        _heading("Method by method", "-"), _counts(),
        _table(("method of `moo`", "TorchJD", "LibMTL", "compared above"), _holders()),
        _heading("In the peers, and not so in moo", "-"),
        _table(("package", "class", "what it is"), [(a, f"``{b}``", c) for a, b, c in ONLY_THEIRS]),
    ]  # fmt: skip
    path = folder / "comparison.rst"
    write_atomically(path, "\n".join(parts).encode())
    return path


class Measured(NamedTuple):
    """What one package gives: its difference from ours, worst certificate and failed answers."""

    package: str
    apart: str
    worst: float
    fails: int
    factor: float


def _measured(entry: Entry) -> list[Measured]:
    """Measure moo and its peers on the same Jacobians."""
    usual, hard = cases.ordinary(), np.concatenate(list(cases.hard().values()))
    usual, hard = usual[:, : entry.objectives], hard[:, : entry.objectives]
    ours = entry.moo()
    reference = ours(usual)
    packages = [("moo", ours, 1.0)]
    packages += [(f"{peer.package} ``{peer.name}``", peer.answers(), peer.scale)
                 for peer in entry.peers]  # fmt: skip
    measured = []
    for package, answers, factor in packages:
        apart = "" if package == "moo" else f"{_apart(reference, answers(usual), factor):.1e}"
        values = _certified(entry, hard, answers(hard), factor)
        fails = int(np.isinf(values).sum())
        worst = max(values[np.isfinite(values)], default=np.nan)
        measured.append(Measured(package, apart, worst, fails, factor))
    return measured


def _rows(name: str, entry: Entry) -> list[Sequence[str]]:
    """Return one row a package, the smallest certificate in bold."""
    measured = _measured(entry)
    least = min(one.worst for one in measured)
    title = entry.certificate[0] if entry.certificate else ""
    rows = []
    for one in measured:
        first = f":doc:`generated/methods/{name}`" if one.package == "moo" else ""
        worst = "" if np.isnan(one.worst) else f"{one.worst:.1e}"
        mark = "**" if one.worst == least else ""
        fails, factor = str(one.fails or ""), "" if one.factor == 1 else f"{one.factor:.3g}"
        rows.append((first, one.package, one.apart, title, mark + worst + mark, fails, factor))
    return rows


def _apart(ours: list[Answer], theirs: list[Answer], factor: float) -> float:
    """Return the largest relative distance of two lists of directions."""
    pairs = zip(ours, theirs, strict=True)
    return max(np.linalg.norm(factor * b.v - a.v) / np.linalg.norm(a.v) for a, b in pairs)


def _certified(entry: Entry, stack: np.ndarray, answers: list[Answer], factor: float) -> np.ndarray:
    """Return the certificates; infinite where an answer is not finite, NaN where there is none."""
    certificate = entry.certificate[1] if entry.certificate else lambda *answer: np.nan
    return np.array([
        certificate(J, factor * _direction(J, answer), answer.weights)
        if np.isfinite(answer.v).all() else np.inf
        for J, answer in zip(stack.astype(np.float64), answers, strict=True)
    ])  # fmt: skip


def _direction(J: np.ndarray, answer: Answer) -> np.ndarray:
    """Combine the rows again, so that only the weights have float32's rounding."""
    return answer.v if answer.weights is None else answer.weights @ J


def _top() -> str:
    packages = ("moo-jax", "jax", "torchjd", "LibMTL", "torch", "numpy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    hard = cases.hard()
    total = sum(map(len, hard.values()))
    return TOP.format(
        m=cases.OBJECTIVES, d=cases.PARAMETERS, n=cases.NUMBER, total=total, hard="; ".join(hard),
        command=COMMAND, versions=versions,
    )  # fmt: skip


def _reasons() -> list[Sequence[str]]:
    return [
        (f":doc:`generated/methods/{name}`", entry.why, ", ".join(f"``{t}``" for t in entry.tests))
        for name, entry in ENTRIES.items()
        if entry.why
    ]


def _counts() -> str:
    theirs = classes(TORCHJD)
    scalarizers = sum(name.startswith("scalarization.") for name in theirs)
    return HAVE.format(
        aggregators=len(theirs) - scalarizers, scalarizers=scalarizers,
        libmtl=len(classes(LIBMTL)), every=len(METHODS | SETS), torchjd=len(TORCHJD),
        both=len(LIBMTL),
    )  # fmt: skip


def _holders() -> list[Sequence[str]]:
    """Return a row for every method of moo: its classes in the peers, and whether it is above."""
    return [
        (
            f":doc:`generated/methods/{name}`",
            *(", ".join(f"``{theirs}``" for theirs in table.get(name, ())) or "no"
              for table in (TORCHJD, LIBMTL)),
            "yes" if name in ENTRIES else NOT_COMPARED.get(name, ""),
        )
        for name in METHODS | SETS
    ]  # fmt: skip


def _heading(text: str, mark: str) -> str:
    return f"{text}\n{mark * len(text)}\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (header, *rows):
        lines += [
            f"{'   * - ' if k == 0 else '     - '}{cell}".rstrip() for k, cell in enumerate(row)
        ]
    return "\n".join(lines) + "\n"
