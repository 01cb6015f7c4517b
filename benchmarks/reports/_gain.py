"""Delta-m: one number a method, the mean relative change of the metrics that allow it."""

import numpy as np

from benchmarks.reports._compare import Comparison
from benchmarks.reports._links import method_link
from benchmarks.reports._sheet import Entry, Sheet, ranged
from benchmarks.statistics import multi_task_gain

_CONVENTION = "drop"


def gain_sheet(found: Comparison) -> Sheet | None:
    """Return Delta-m of every method against the baseline; None where no metric is listed for it.

    Every metric on every problem that has it counts as a task.
    """
    listed = [scores for scores in found.scores if scores.metric.name in found.rules.delta_m]
    if found.baseline is None or not listed:
        return None
    raw = np.concatenate([scores.raw for scores in listed], axis=1)
    reference = np.nanmean(raw[found.baseline], axis=1)
    higher = [scores.metric.higher_is_better for scores in listed for _ in scores.problems]
    gain = multi_task_gain(
        raw, reference, higher_is_better=higher, convention=_CONVENTION,
        confidence=found.rules.confidence,
    )  # fmt: skip
    rows = [
        (Entry(found.label(method), found.label(method)),
         ranged(gain.value[i], gain.low[i], gain.high[i], 2, method_link(found, method)))
        for i, method in enumerate(found.methods)
    ]  # fmt: skip
    rows.sort(key=lambda row: float(row[1].key or 0))
    names = ", ".join(scores.metric.name for scores in listed)
    label = found.label(found.methods[found.baseline])
    note = (
        f"Mean relative change in percent of {names} against {label} (its mean over seeds), not "
        f"against single-task models, over {len(reference)} metrics and problems. A positive "
        f"number is a loss, lower is better. In brackets {found.rules.confidence:.0%} intervals "
        f"over seeds, without the error of {label}'s own mean."
    )
    return Sheet("delta_m", "Δm (lower is better)", ("method", "Δm %"), rows, note)
