"""What one has to know about a comparison: its settings, rules, command and environments."""

import json
from collections import Counter
from collections.abc import Sequence

from benchmarks.reports._compare import Comparison
from benchmarks.reports._read import Stored
from benchmarks.runner._plan import cells
from benchmarks.runner._suite import FOLDER
from benchmarks.studies._models import MODELS

_SHOWN = 20  # unfinished cells by address
_STEP = "of each run the recorded step of the least geometric mean of validation losses"
_SAME = "; of models of a funnel, of the least sum of both log-losses, of click and of conversion"


def title(found: Comparison) -> str:
    """Return the heading of a comparison."""
    scale = f", scale {found.scale}" if found.scale else ""
    seeds = f"{len(found.seeds)} seed{'s' * (len(found.seeds) > 1)}"
    many = f"{len(found.methods)} {found.heading}{'s' * (len(found.methods) > 1)}"
    how = f"{found.shared['optimizer']}, {_budget(found)}, {many}, {seeds}"
    return f"{found.suite.name}{scale}: {how}"


def command(found: Comparison) -> str:
    """Return the command that makes the cells; "" where no scale of the suite has these settings.

    Whether the suite's file has changed since is not known; the hashes of the cells say it.
    """
    if not found.scale:
        return ""
    more = _methods(found) + (f" --trials {found.trials}" if found.trials else "")
    name = found.suite.name
    name = name if (FOLDER / f"{name}.toml").is_file() else f"{name}.toml"
    return f"python -m benchmarks run {name} --scale {found.scale}{more}"


def _methods(found: Comparison) -> str:
    """Return the option that asks for methods beyond those of the scale; "" without such."""
    planned = {cell.method for cell in cells(found.suite, found.scale)}
    present = {run.cell.method for run in found.runs}
    if present <= planned:
        return ""
    whole = {cell.method for cell in cells(found.suite, found.scale, ["all"])}
    return f" --methods {'all' if present == whole else ' '.join(sorted(present))}"


def facts(found: Comparison) -> list[tuple[str, str]]:
    """Return names and values, in the order in which they are read."""
    rules, entries = found.rules, [("command", command(found))]
    entries.append(("cells", _cells(found)))
    same = {k: v for k, v in found.shared.items() if k != "suite"}
    entries.append(("settings", ", ".join(f"{k} {v}" for k, v in same.items())))
    entries.append(("metrics", "; ".join(map(str, _metrics(found)))))
    entries.append(("protocol", (
        f"baseline {rules.baseline}, {_trials(found)}, {rules.confidence:.0%} intervals, "
        f"{rules.test} tests; {_chosen(found)}scores of "
        f"{'test data, looked at once' if found.on_test else 'the problems themselves'}"
    )))  # fmt: skip
    entries += environments(found)
    return [(name, value) for name, value in entries if value]


def environments(found: Comparison) -> list[tuple[str, str]]:
    """Return versions, device, settings and commit, with counts where cells differ."""
    known = [json.loads(run.environment) for run in found.runs]
    words = {
        "versions": [_pairs(one.get("versions", {})) for one in known],
        "device": [_pairs({**one.get("device", {}), **_rest(one)}) for one in known],
        "environment variables": [_pairs(one.get("settings", {})) for one in known],
        "commit": [str(one.get("commit", "unknown")) for one in known],
    }
    return [(name, _counted(values)) for name, values in words.items()]


def faults(stored: Stored) -> list[str]:
    """Return a sentence on every cell that is damaged, and one on those not finished."""
    lines = [f"damaged, left out: {address[:16]}: {fault}" for address, fault in stored.damaged]
    if stored.unfinished:
        known = ", ".join(address[:16] for address in stored.unfinished[:_SHOWN])
        more = ", ..." if len(stored.unfinished) > _SHOWN else ""
        count = len(stored.unfinished)
        lines.append(f"begun and not finished, left out ({count:,}): {known}{more}")
    return lines


def warnings(found: Comparison) -> list[str]:
    """Return what a reader of the numbers has to be told first."""
    lines = list(found.notes)
    if found.expected is not None and found.finished < found.expected:
        lines.insert(0, f"{found.finished:,} of {found.expected:,} cells are finished")
    if found.baseline is None:
        lines.append(f"the baseline {found.rules.baseline} is not there: no verdicts")
    if len({run.environment for run in found.runs}) > 1:
        lines.append(
            "the cells are of several commits or environments, so what they ran may differ"
        )
    return lines


def _cells(found: Comparison) -> str:
    failed = sum(run.failed for run in found.runs)
    of = "" if found.expected is None else f" of {found.expected:,}"
    return f"{found.finished:,}{of} finished, {failed:,} of them failed"


def _metrics(found: Comparison) -> list[str]:
    return [
        f"{metric.name}, {'higher' if metric.higher_is_better else 'lower'} is better, margin "
        f"{metric.margin:g}"
        for metric in found.rules.metrics
    ]


def _trials(found: Comparison) -> str:
    counts = sorted({len(tried.trials) for tried in found.tried.values()})
    ends = " to ".join(str(count) for count in sorted({counts[0], counts[-1]}))
    return f"{ends} trial{'s' * (counts[-1] > 1)} a method"


def _chosen(found: Comparison) -> str:
    """Return who chose trials and steps, and how; "" where there was no choice."""
    many = any(len(tried.trials) > 1 for tried in found.tried.values())
    if found.on_test:
        models = {run.cell.model for run in found.runs}
        same = _SAME if any(m in MODELS and MODELS[m].chosen_by for m in models) else ""
        return f"{'trials and ' * many}steps chosen on validation ({_STEP}{same}), "
    if many and len(found.seeds) == 1:
        return "trials chosen by the score itself, which flatters all methods (one seed), "
    return "trials chosen on the other seeds, " if many else ""


def _budget(found: Comparison) -> str:
    passes = found.shared.get("passes")
    if passes:
        return f"{passes:,} backward passes an objective"
    return f"{found.shared['steps']:,} steps"


def _rest(known: dict[str, object]) -> dict[str, object]:
    return {name: known[name] for name in ("machine", "x64") if name in known}


def _pairs(mapping: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(mapping.items()))


def _counted(values: Sequence[str]) -> str:
    counts = Counter(values)
    if len(counts) == 1:
        return next(iter(counts))
    return "; ".join(f"{value} ({count:,} cells)" for value, count in sorted(counts.items()))
