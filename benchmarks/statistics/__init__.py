"""Statistics of comparisons: pure functions on arrays of methods x problems x seeds.

Three rules hold everywhere. The last axis holds seeds, and seed s of every method began from the
same start and saw the same data. A run whose score is not finite has failed: it takes the worst
score of its problem, is never dropped, and is counted. Nothing is pooled over problems and seeds
that has not been ranked or normalised within a problem first.
"""

from moo._lazy import attach

_PUBLIC = {
    "Choice": "benchmarks.statistics._space",
    "Chosen": "benchmarks.statistics._tuning",
    "CriticalDifference": "benchmarks.statistics._friedman",
    "Estimate": "benchmarks.statistics._scores",
    "LogUniform": "benchmarks.statistics._space",
    "Metric": "benchmarks.statistics._protocol",
    "PairedTests": "benchmarks.statistics._paired",
    "Protocol": "benchmarks.statistics._protocol",
    "Shares": "benchmarks.statistics._profiles",
    "Simplex": "benchmarks.statistics._space",
    "Uniform": "benchmarks.statistics._space",
    "Verdict": "benchmarks.statistics._verdict",
    "Verdicts": "benchmarks.statistics._verdict",
    "budgets_to_targets": "benchmarks.statistics._profiles",
    "choose": "benchmarks.statistics._tuning",
    "critical_difference": "benchmarks.statistics._friedman",
    "holm": "benchmarks.statistics._paired",
    "interquartile_mean": "benchmarks.statistics._means",
    "mean_rank": "benchmarks.statistics._ranks",
    "multi_task_gain": "benchmarks.statistics._gain",
    "normalize": "benchmarks.statistics._means",
    "paired_t": "benchmarks.statistics._paired",
    "paired_tests": "benchmarks.statistics._paired",
    "performance_profile": "benchmarks.statistics._profiles",
    "probability_of_improvement": "benchmarks.statistics._improvement",
    "search_space": "benchmarks.statistics._space",
    "signed_rank": "benchmarks.statistics._signed_rank",
    "stratified_bootstrap": "benchmarks.statistics._bootstrap",
    "targets_reached": "benchmarks.statistics._profiles",
    "trials": "benchmarks.statistics._tuning",
    "verdicts": "benchmarks.statistics._verdict",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
