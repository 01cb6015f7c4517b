"""Our method beside the others on the stored cells of a sweep, such as that of `weightings`."""

from pathlib import Path

from benchmarks import reports
from benchmarks.theory._judge import Scores


def stored_scores(folder: Path) -> tuple[Scores, dict[str, float]]:
    """Return the scores of a sweep's cells, of which lower is better, and the metrics' margins.

    Raises:
        UsageError: if the folder holds no sweep.
        DataError: if its cells do not make one comparison.
    """
    found = reports.comparisons(reports.read(folder, 0), None)
    if len(found) != 1:
        raise reports.DataError(
            f"{folder} has cells of {len(found)} comparisons; give those of one"
        )
    scores: Scores = {}
    for one in found[0].scores:
        sign = -1.0 if one.higher_is_better else 1.0
        for i, problem in enumerate(one.problems):
            row = {name: sign * one.values[m, i] for m, name in enumerate(found[0].methods)}
            scores[one.metric.name, problem] = row
    return scores, {one.metric.name: one.metric.margin for one in found[0].scores}
