"""Small folders of cells, written as the runner writes them."""

from dataclasses import replace

from benchmarks.runner import _folder, _journal
from benchmarks.runner._cell import Cell, canonical

SUITE = """
optimizer = "adam"

[methods]

[problems]

[protocol]
baseline = "mean"

[[protocol.metrics]]
name = "gap"
higher_is_better = false
margin = 0.01

[protocol.anchors]
gap = { worst = "start", best = 0.0 }

[scales.small]
problems = ["zdt1", "zdt2"]
methods = ["mean", "mgda"]
seeds = 3
starts = 1
steps = 10
every = 5
lanes = 1
learning_rates = [0.1]
"""

CELL = Cell(
    suite="tiny", problem="zdt1", method="mean", seed=0, steps=10, every=5, learning_rate=0.1
)
ENVIRONMENT = {
    "versions": {"jax": "1.2"}, "device": {"kind": "cpu"}, "machine": "m", "x64": False,
    "settings": {}, "commit": "abc",
}  # fmt: skip
START = 8.0  # the gap at the first row


def write_cell(
    root, cell, gap, *, seconds=1.0, test=None, more=None, finish=True, environment=ENVIRONMENT
):
    """Write one cell: its gap goes from START through the middle to `gap`; None means it failed."""
    path = _folder.folder(root, cell)
    end = {"gap": gap, "objectives": [0.0, 0.0], **(more or {})}
    middle = None if gap is None else (START + gap) / 2
    with _folder.locked(path):
        _folder.start(path, cell, environment)
        rows = [{"step": 0, "gap": START}, {"step": 5, "gap": middle}, {"step": 10, **end}]
        _journal.append(path / "metrics.jsonl", *rows)
        compiled = {"event": "compile", "seconds": 4 * seconds, "cells": 2, "seeds": 1}
        ran = {"event": "run", "seconds": seconds, "seeds": 2, "first": 0, "steps": 10}
        _journal.append(path / _folder.TIMING, compiled, ran)
        if test is not None:
            _folder.write(path / "test.json", canonical(test).encode() + b"\n")
        if finish:
            status = "failed" if gap is None else "done"
            reason = "non-finite" if gap is None else None
            _folder.finish(path, {"status": status, "reason": reason, "final": end, "steps": 10})
    return path


def write_sweep(root, gaps, **options):
    """Write cells of `{(method, problem): gaps by seed}`."""
    for (method, problem), values in gaps.items():
        for seed, gap in enumerate(values):
            write_cell(
                root, replace(CELL, method=method, problem=problem, seed=seed), gap, **options
            )


# mgda is better by 2, 2 and 2 on zdt1; on zdt2 it is worse by 1, and failed once.
GAPS = {
    ("mean", "zdt1"): [4.0, 4.4, 3.6],
    ("mgda", "zdt1"): [2.0, 2.4, 1.6],
    ("mean", "zdt2"): [1.0, 1.2, 0.8],
    ("mgda", "zdt2"): [2.0, None, 1.8],
}
