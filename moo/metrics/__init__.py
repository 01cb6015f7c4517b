"""Metrics of predictions, fronts and runs: exact, in float64, without jax.

A metric of an entire-space model carries the space it is measured on in its name; see
`moo.metrics.entire_space`.
"""

from moo._lazy import attach

_PUBLIC = {
    "GroupedAUC": "moo.metrics._ranking",
    "Interval": "moo.metrics._interval",
    "UndefinedMetricWarning": "moo.metrics._checks",
    "additive_epsilon": "moo.metrics._front_distance",
    "auc": "moo.metrics._ranking",
    "delta_m": "moo.metrics._gain",
    "entire_space": "moo.metrics._entire_space",
    "grouped_auc": "moo.metrics._ranking",
    "grouped_auc_details": "moo.metrics._ranking",
    "hypervolume": "moo.metrics._hypervolume",
    "igd_plus": "moo.metrics._front_distance",
    "interval": "moo.metrics._interval",
    "log_loss": "moo.metrics._calibration",
    "nondominated": "moo.metrics._dominance",
    "normalized_entropy": "moo.metrics._calibration",
    "pcoc": "moo.metrics._calibration",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
