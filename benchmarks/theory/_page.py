"""The results as a page: values, verdicts, rates, figures, and every number as a table."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import moo
from benchmarks.reports._markdown import markdown
from benchmarks.reports._sheet import Entry, Sheet
from benchmarks.theory._entrants import OURS
from benchmarks.theory._judge import BETTER, EQUAL, Item, Pair, Scores, final, judge
from benchmarks.theory._measures import BATCH, JUMPS, MARGINS, TRIALS, Size, Value
from moo._files import write_atomically
from moo.diagnostics.theory import fit_power

Found = Mapping[str, Sequence[Value]]
Judged = Mapping[tuple[Item, str], Pair]
TITLES = {
    "bias": "squared distance of the mean direction from the method's own by exact gradients, at a "
    "point that is held",
    "offset": "squared distance of the mean direction from the shortest combination there, which "
    "mean, sdmgrad and dr_ommd do not aim at",
    "covariance": "squared covariance of weights and gradients there: of the mean direction and "
    "the exact gradients combined by the mean weights; of tracked gradients, with their lag",
    "gap": "mean squared length of the shortest combination along a run; *gap power*: that by "
    "which it falls with the horizon",
    "avoidance": "mean squared distance from the shortest combination along a run, likewise",
    "regret": "regret against the best fixed point",
    "toy": "distance from the Pareto set at the end of a run, mean over starts",
    "toy_gap": "length of the shortest combination at the end, where that set is not known",
    "rise": "share of points beside the Pareto set where the exact direction raises a loss",
    "replacement": "distance of two runs on 256 samples of which one differs",
}
_AXES = {"regret": "rounds $T$", "replacement": "samples $n$"}
_RATES = ("gap", "avoidance", "regret", "replacement")


def write_page(
    found: Found, size: Size, command: str, facts: Mapping[str, str], folder: Path
) -> Path:
    """Write README.md, values.csv and figures; return the page's path."""
    scores = final(found)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    parts = [
        "# Stochastic weightings, by the theory workbench",
        f"```\n{command}\n```",
        "\n".join(f"- {name}: {text}" for name, text in facts.items()),
        _said(size),
        markdown(_values(scores)),
        *_compared(scores, MARGINS),
        *(markdown(sheet) for sheet in (_powers(found), *(_jumps(found, kind) for kind in JUMPS))),
        *_figures(found, folder),
    ]
    write_atomically(folder / "values.csv", _csv(found).encode())
    return write_atomically(folder / "README.md", ("\n\n".join(parts) + "\n").encode())


def write_beside(scores: Scores, margins: Mapping[str, float], command: str, folder: Path) -> Path:
    """Write beside.md, our method beside every other on a sweep's cells; return its path."""
    parts = [
        f"# {OURS} beside every other, problem by problem",
        f"```\n{command}\n```",
        "Scores of which higher is better are taken with a minus sign. Margins: "
        + ", ".join(f"{name} {margin:g}" for name, margin in margins.items()) + ".",
        *_compared(scores, margins),
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    return write_atomically(folder / "beside.md", ("\n\n".join(parts) + "\n").encode())


def _compared(scores: Scores, margins: Mapping[str, float]) -> list[str]:
    judged = judge(scores, margins)
    return [markdown(sheet) for sheet in (_verdicts(scores, judged), _reached(scores, judged))]


def _said(size: Size) -> str:
    margins = ", ".join(f"{name} {margin:g}" for name, margin in MARGINS.items())
    return (
        f"Lower is better everywhere. {size.seeds} paired seeds; batches of {BATCH}; runs of "
        f"{size.horizons[-1]:,} steps of T^-1/2; {size.draws} draws a seed after {size.warmup:,} "
        f"steps at a point beside the Pareto set; toys: Adam at 0.005, {size.toy_steps:,} steps. "
        f"What differs by less than a margin is of no consequence: {margins}. They were fixed, and "
        "the key drawn, before the first run; those of rise and replacement after a run had begun "
        "that was stopped unread. But the defaults of calm were chosen by runs with "
        "other keys on noisy_quadratics, online_quadratics and noisy_instance, the others' are "
        "published ones or schedules of their theory. label_noise and the toys were new to all."
        "\n\n" + "\n".join(f"- *{name}*: {text}" for name, text in TITLES.items())
    )


def _values(scores: Scores) -> Sheet:
    names = _names(scores)
    rows = []
    for (measure, problem), row in scores.items():
        means = {name: row[name].mean() for name in row}
        entries = [
            Entry(_spread(row[name]), best=means[name] == min(means.values()))
            if name in row else Entry("–")
            for name in names
        ]  # fmt: skip
        rows.append([Entry(f"{measure}, {problem}"), *entries])
    note = "Mean over seeds ± standard error; –: has neither weights nor multipliers."
    return Sheet("values", "Measured", ("measure, problem", *names), rows, note)


def _verdicts(scores: Scores, judged: Judged) -> Sheet:
    names = [name for name in _names(scores) if name != OURS]
    rows = [
        [Entry(", ".join(item)), *(
            Entry(_told(judged[item, name]) if (item, name) in judged else "–") for name in names
        )]
        for item in scores
    ]  # fmt: skip
    note = (
        "The other less ours, with Student's 95 % interval of its own. +: ours is "
        "better, by more than the margin; =: shown to be not worse by more than the margin; −: "
        "worse, and not shown to be within it; ?: a loss beyond the margin is neither shown nor "
        "ruled out. + and − hold after Holm's correction over the whole table; =, by the interval."
    )
    return Sheet("verdicts", f"{OURS} beside", ("measure, problem", *names), rows, note)


def _told(pair: Pair) -> str:
    return f"{pair.sign} {pair.difference:.2g} [{pair.low:.2g}, {pair.high:.2g}]"


def _reached(scores: Scores, judged: Judged) -> Sheet:
    """Say by kind of measure what was aimed at: not worse than any other, better than all."""
    rows = []
    for measure in dict.fromkeys(item[0] for item in scores):
        items = [item for item in scores if item[0] == measure]
        signs = [[pair.sign for (at, _), pair in judged.items() if at == item] for item in items]
        held = sum(all(sign in (BETTER, EQUAL) for sign in row) for row in signs)
        won = sum(all(sign == BETTER for sign in row) for row in signs)
        rows.append([Entry(measure), *(Entry(f"{n} of {len(items)}") for n in (held, won))])
    columns = ("measure", "not worse than any", "better than all")
    return Sheet("goal", f"{OURS} beside all others, problems by measure", columns, rows, "")


def _powers(found: Found) -> Sheet:
    """Fit a power of the horizon to every series."""
    rows = []
    for item in _items(found, _RATES):
        entries = []
        for values in found.values():
            at, seeds = _series(values, item)
            fit = fit_power(at, seeds)
            known = np.isfinite(fit.exponent)
            text = f"{fit.exponent:.2f} [{fit.low:.2f}, {fit.high:.2f}]" if known else "–"
            entries.append(Entry(text))
        rows.append([Entry(", ".join(item)), *entries])
    note = "–: neither weights nor multipliers, or a seed whose value is not positive."
    title = "Power of the horizon, or of the samples, with 95 % intervals over seeds"
    return Sheet("powers", title, ("measure, problem", *found), rows, note)


def _jumps(found: Found, kind: str) -> Sheet:
    """List how far the weights of two nearly equal gradients jump, by their angle."""
    jumps = {
        name: {v.horizon: _spread(v.seeds) for v in values if v[:2] == ("sensitivity", kind)}
        for name, values in found.items()
    }
    rows = [
        [Entry(f"{angle:g}"), *(
            Entry(row.get(angle, "–")) for row in jumps.values()
        )]
        for angle in sorted({angle for row in jumps.values() for angle in row}, reverse=True)
    ]  # fmt: skip
    note = (
        f"On noisy_quadratics, {kind}; the largest of {TRIALS} random changes, mean of as many "
        "maxima as seeds ± standard error: an estimate from below of the Lipschitz constant there."
    )
    return Sheet(f"jumps-{JUMPS.index(kind)}",
                 f"Change of the weights per change of two gradients at an angle, {kind}",
                 ("angle", *found), rows, note)  # fmt: skip


def _figures(found: Found, folder: Path) -> list[str]:
    """Draw gap, distance, regret and stability, a figure a problem."""
    shown = []
    for measure, problem in _items(found, _RATES):
        every = {name: _series(values, (measure, problem)) for name, values in found.items()}
        errors = {n: s for n, (_, s) in every.items() if np.isfinite(s).all() and (s > 0).all()}
        horizons = next(iter(every.values()))[0]
        if len(horizons) < 3 or not errors:
            continue
        figure, _ = moo.plotting.plot_rate(
            errors,
            horizons,
            dropped=0.0,
            labels=(_AXES.get(measure, "horizon $T$"), f"{measure}, {problem}"),
        )
        name = f"{measure}_{problem}.svg"
        moo.plotting.save(figure, folder / "figures" / name)
        shown.append(f"![{measure} on {problem}: {TITLES[measure]}](figures/{name})")
    return shown


def _names(scores: Scores) -> list[str]:
    return list(dict.fromkeys(name for row in scores.values() for name in row))


def _items(found: Found, measures: Sequence[str]) -> list[tuple[str, str]]:
    first = next(iter(found.values()))
    every = dict.fromkeys((value.measure, value.problem) for value in first)
    return [item for item in every if item[0] in measures]


def _series(values: Sequence[Value], item: tuple[str, str]) -> tuple[list[float], np.ndarray]:
    """Return the horizons, and (seeds, horizons)."""
    chosen = [value for value in values if (value.measure, value.problem) == item]
    return [value.horizon for value in chosen], np.stack([v.seeds for v in chosen], axis=1)


def _spread(seeds: np.ndarray) -> str:
    error = seeds.std(ddof=1) / np.sqrt(len(seeds))
    return f"{seeds.mean():.4g} ± {error:.1g}"


def _csv(found: Found) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["entrant", "measure", "problem", "horizon", "seed", "value"])
    for entrant, values in found.items():
        for value in values:
            for seed, number in enumerate(value.seeds):
                writer.writerow([entrant, *value[:3], seed, f"{number:.6g}"])
    return file.getvalue()
