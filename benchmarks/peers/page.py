"""The comparison as a page of the documentation, made where the peers are installed."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.peers import cases
from benchmarks.peers.answers import Answer
from benchmarks.peers.entries import ENTRIES, Entry
from moo._files import write_atomically
from moo.aggregators import METHODS, SETS

COMMAND = 'pip install -e ".[compare]" && python -m benchmarks compare --out docs'

ALONE = {
    "PCGrad, GradVac, GradDrop, Random": "draw random orders or masks; the laws of `moo`'s are "
    "tested in distribution",
    "CRMOGM, MoDo, SDMGrad": "weightings of a stream of batches; `cr_mogm`, `modo` and `sdmgrad` "
    "are tested on the worked numbers of their papers' codes",
    "FAMO, COSMOS": "need the losses after the step, or a conditioned model",
}

TOP = """
The same Jacobians of {m} objectives and {d} parameters for every package, in float32, at equal
hyper-parameters and from a new state. *Difference* is the largest relative distance of the peer's
direction from that of `moo` over {n} ordinary Jacobians (Gaussian entries), after the stated factor
of length. The *certificate* says how far an answer is from its method's own definition, 0 being
exact; it is the worst over {total} hard Jacobians: {hard}. *fails* counts answers that are not
finite. Made by ``{command}`` with {versions}.
"""


def write_page(folder: Path) -> Path:
    """Compare all entries and write `comparison.rst` into the folder."""
    rows, reasons = [], []
    for name, entry in ENTRIES.items():
        rows.extend(_rows(name, entry))
        if entry.why:
            reasons.append((f":doc:`generated/methods/{name}`", entry.why, f"``{entry.test}``"))
    alone = list(ALONE.items())
    parts = [
        _heading("Beside TorchJD and LibMTL", "="), _top(),
        _table(("method", "package", "difference", "certificate", "worst", "fails"), rows),
        _heading("Why they differ", "-"), "Each reason is shown by a test of `moo`.\n",
        _table(("method", "reason", "test"), reasons),
        _heading("Without a common answer", "-"), _table(("in TorchJD", "why"), alone),
        _heading("Who has what", "-"), _coverage(),
    ]  # fmt: skip
    path = folder / "comparison.rst"
    write_atomically(path, "\n".join(parts).encode())
    return path


def _rows(name: str, entry: Entry) -> list[Sequence[str]]:
    """Return one row a package."""
    packages = {"moo": entry.moo(), f"TorchJD ``{entry.torchjd}``": entry.theirs()}
    if entry.libmtl is not None:
        packages["LibMTL"] = entry.libmtl()
    usual, hard = cases.ordinary(), np.concatenate(list(cases.hard().values()))
    reference = packages["moo"](usual)
    rows = []
    for package, answers in packages.items():
        factor = entry.scale if package.startswith("TorchJD") else 1.0
        apart = "" if package == "moo" else f"{_apart(reference, answers(usual), factor):.1e}"
        given = answers(hard)
        fails = sum(not np.isfinite(answer.v).all() for answer in given)
        title, worst = _certified(entry, hard, given, factor)
        first = f":doc:`generated/methods/{name}`" if package == "moo" else ""
        rows.append((first, package, apart, title, worst, str(fails) if fails else ""))
    return rows


def _apart(ours: list[Answer], theirs: list[Answer], factor: float) -> float:
    """Return the largest relative distance of two lists of directions."""
    pairs = zip(ours, theirs, strict=True)
    return max(np.linalg.norm(factor * b.v - a.v) / np.linalg.norm(a.v) for a, b in pairs)


def _certified(
    entry: Entry, stack: np.ndarray, answers: list[Answer], factor: float
) -> tuple[str, str]:
    """Return the certificate's name, and its worst value over the finite answers."""
    if entry.certificate is None:
        return "", ""
    title, certificate = entry.certificate
    values = [
        certificate(J, factor * _direction(J, answer), answer.weights)
        for J, answer in zip(stack.astype(np.float64), answers, strict=True)
        if np.isfinite(answer.v).all()
    ]
    return title, f"{np.nanmax(values):.1e}" if values else "none"


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


def _coverage() -> str:
    shared = len(ENTRIES)
    every = len(METHODS | SETS)
    return (
        f"TorchJD 0.18.0 has 23 aggregators and weightings and 13 scalarizers; `moo` has {every} "
        f"methods, {shared} of which are compared above. :doc:`generated/methods/index` lists all."
        "\n"
    )


def _heading(text: str, mark: str) -> str:
    return f"{text}\n{mark * len(text)}\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (header, *rows):
        lines += [
            f"{'   * - ' if k == 0 else '     - '}{cell}".rstrip() for k, cell in enumerate(row)
        ]
    return "\n".join(lines) + "\n"
