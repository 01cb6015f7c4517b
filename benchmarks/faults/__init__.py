"""Faults on purpose: kills, full disks and damaged files, and whether the runner survives them.

Every fault is a function of a `Plan` that yields `Finding`s. The command line runs them at full
count, the tests a few of each.
"""

from moo._lazy import attach

_PUBLIC = {
    "FAULTS": "benchmarks.faults._catalogue",
    "Finding": "benchmarks.faults._finding",
    "Plan": "benchmarks.faults._finding",
    "find": "benchmarks.faults._catalogue",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
