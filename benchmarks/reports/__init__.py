"""Reports of sweeps: leaderboards, tables and figures, made from stored cells only."""

from moo._lazy import attach

_PUBLIC = {
    "Comparison": "benchmarks.reports._compare",
    "DataError": "benchmarks.reports._read",
    "Run": "benchmarks.reports._read",
    "Stored": "benchmarks.reports._read",
    "comparisons": "benchmarks.reports._compare",
    "read": "benchmarks.reports._read",
    "write_events": "benchmarks.reports._events",
    "write_readme": "benchmarks.reports._readme",
    "write_results": "benchmarks.reports._results",
    "write_report": "benchmarks.reports._write",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
