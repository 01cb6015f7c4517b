"""Differences from the baseline along the rate of a simulated feed, all else being equal."""

import dataclasses

import moo
from benchmarks.reports._compare import Comparison
from benchmarks.reports._data_sets import preset_of
from benchmarks.reports._differences import METRICS, intervals
from benchmarks.reports._drawing import Drawing, shown, which
from benchmarks.reports._leaders import can_judge
from benchmarks.runner._cell import canonical
from moo.data.simulator._preset import Preset

NAME = "along_rates"
FEWEST = 3  # problems that a line is drawn through


def drawing(found: Comparison) -> Drawing | None:
    """Draw how differences grow with the rate of impressions that convert.

    Args:
        found: a comparison; drawn are the simulated problems that differ in nothing but their mean
            rates, if there are three or more.
    """
    rates = family(found) if can_judge(found) else {}
    if len(rates) < FEWEST:
        return None
    metrics, lines = found.scores[:METRICS], shown(found, METRICS)
    problems = sorted(rates, key=lambda problem: rates[problem])
    methods = [i for i in lines if i != found.baseline]
    baseline = found.label(found.rules.baseline)
    figure, _ = moo.plotting.plot_along(
        *intervals(found, metrics, methods, problems),
        at=[rates[problem] for problem in problems],
        groups=[found.label(found.methods[i]) for i in methods],
        names=[scores.metric.name.replace("_", " ") for scores in metrics],
        margin=[scores.metric.margin for scores in metrics],
        labels=("CTR · CVR", f"difference from {baseline}, better →"),
    )
    words = (
        f"The same against the rate of impressions that are clicked and convert, on "
        f"{', '.join(problems)}: one simulated population, whose mean rates alone differ."
    )
    return Drawing(NAME, f"{words} {which(found, lines)}".strip(), figure)


def family(found: Comparison) -> dict[str, float]:
    """Return the rates of the most problems that differ in them alone, one problem a rate."""
    families: dict[tuple[Preset, str], dict[float, str]] = {}
    for problem in found.scores[0].problems:
        if (preset := preset_of(found, problem)) is not None:
            alike = dataclasses.replace(preset, ctr=0.5, cvr=0.5), _size(found, problem)
            families.setdefault(alike, {}).setdefault(preset.ctr * preset.cvr, problem)
    most = max(families.values(), key=len, default={})
    return {problem: rate for rate, problem in most.items()}


def _size(found: Comparison, problem: str) -> str:
    """Return the options that say how a problem is split and learnt from."""
    options = found.tried[found.methods[0], problem].runs[0].cell.problem_options
    return canonical({k: v for k, v in options.items() if k not in ("ctr", "cvr")})
