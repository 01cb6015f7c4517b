"""At which layer clicks are contradicted: what is left of their signal where nobody converted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import moo
from benchmarks.reports import _along
from benchmarks.reports._compare import Comparison
from benchmarks.reports._differences import METRICS
from benchmarks.reports._drawing import Drawing, shown, which
from benchmarks.reports._links import method_link
from benchmarks.reports._sheet import Entry, Sheet, ranged
from benchmarks.studies._signal import COSINE, KEPT, LAYERS
from moo.metrics import interval

NAME = "layers"
_WORDS = (
    "Of the gradient of the click's loss on clicks without conversion, how much the sum of all "
    "losses leaves: 1 all of it, 0 nothing; below 0 a click teaches the layer that there was none. "
    "Measured on up to 512 validation rows at the parameters that are judged, before any method "
    "weights the losses."
)


def sheet(found: Comparison) -> Sheet | None:
    """Return what each model leaves of the clicks' signal, by layer; None where it is not known."""
    measured = {layer: _measured(found, f"{KEPT}_{layer}") for layer in LAYERS}
    measured = {layer: means for layer, means in measured.items() if np.isfinite(means).any()}
    if not measured:
        return None
    columns = {f"kept, {layer.replace('_', ' ')}": means for layer, means in measured.items()}
    columns["cosine, click tower"] = _measured(found, f"{COSINE}_click_tower")
    rows = []
    for i, method in enumerate(found.methods):
        label, link = found.label(method), method_link(found, method)
        entries = (_entry(means[i].mean(-1), link) for means in columns.values())
        rows.append((Entry(label, label, link), *entries))
    rows.sort(key=lambda row: (row[1].key is None, -float(row[1].key or 0)))
    note = (
        f"{_WORDS} Medians over the data sets of means over seeds, in brackets least and most. "
        f"Cosine: of the click's gradient with that of the other losses, 0 where they ask for "
        f"nothing."
    )
    return Sheet(NAME, "At which layer", (found.heading, *columns), rows, note)


def drawing(found: Comparison) -> Drawing | None:
    """Draw what is left of the clicks' signal along the rate of impressions that convert."""
    rates = _along.family(found)
    layers = ("click_tower", "embeddings")
    measured = [_measured(found, f"{KEPT}_{layer}") for layer in layers]
    few = len(rates) < _along.FEWEST or len(found.seeds) < 2
    if few or not np.isfinite(measured).any():
        return None
    problems, lines = sorted(rates, key=lambda problem: rates[problem]), shown(found, METRICS)
    places = [found.problems.index(problem) for problem in problems]
    figure, _ = moo.plotting.plot_along(
        *_intervals(np.stack(measured)[:, lines][:, :, places], found.rules.confidence),
        at=[rates[problem] for problem in problems],
        groups=[found.label(found.methods[i]) for i in lines],
        names=[layer.replace("_", " ") for layer in layers],
        labels=("CTR · CVR", "click signal kept"),
    )
    words = (
        f"At which layer: {_WORDS[0].lower()}{_WORDS[1:]} On {', '.join(problems)}, whose mean "
        f"rates alone differ; means over seeds with {found.rules.confidence:.0%} intervals."
    )
    return Drawing(NAME, f"{words} {which(found, lines)}".strip(), figure)


def _measured(found: Comparison, name: str) -> NDArray[np.float64]:
    """Return a number of the test rows' files (methods, problems, seeds); NaN where it lacks."""
    return np.array([
        [[_value(run.test() or {}, name) for run in found.tried[method, problem].runs]
         for problem in found.problems]
        for method in found.methods
    ])  # fmt: skip


def _value(tested: dict[str, float | None], name: str) -> float:
    value = tested.get(name)
    return np.nan if value is None else value


def _entry(means: NDArray[np.float64], link: str) -> Entry:
    known = means[np.isfinite(means)]
    if not len(known):
        return Entry("–")
    return ranged(float(np.median(known)), float(known.min()), float(known.max()), 2, link)


def _intervals(values: NDArray[np.float64], confidence: float) -> Sequence[NDArray[np.float64]]:
    """Return means over the last axis, and the ends of their t intervals."""
    found = [interval(one, confidence, method="t") for one in values.reshape(-1, values.shape[-1])]
    ends = np.array([(one.mean, one.low, one.high) for one in found])
    return tuple(ends.T.reshape(3, *values.shape[:-1]))
