"""The sections of the quick report: what each part's results look like."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import moo
from benchmarks import entire_space, toy
from benchmarks.report import Figure, Section
from benchmarks.tables import Budget, Table, metric_row
from benchmarks.training import NUM_OBJECTIVES, Cell, Outcome, trajectory


def toy_section(done: Mapping[str, Any], out: Path) -> Section:
    """Draw the toy's trajectories and say which starts reached the front."""
    paths = {method: item.result for method, item in done.items()}
    for method, path in paths.items():
        path.save(out / "trajectories" / f"{method}.npz")
    reached = {method: toy.verdict(path).reached for method, path in paths.items()}
    figure, _ = moo.plotting.plot_trajectories(paths, moo.problem("two_task_toy"), reached=reached)
    moo.plotting.save(figure, out / "figures" / "trajectories.png")
    drawn = _save(figure, out, "trajectories")
    steps = int(next(iter(paths.values())).steps[-1])
    return Section(
        title="Two-task toy: trajectories",
        text=(
            "Each method starts from the same five points, with Adam at 1e-3. Above, parameter "
            "space over the cosine of the two gradients; below, objective space over the exact "
            "front. Orange ends are farther than .05 from the exact Pareto set."
        ),
        figures=[Figure(drawn, f"{steps:,} steps, time on a log colour scale.")],
        tables=[_verdicts(done, steps)],
    )


def simulator_section(done: Mapping[str, Any], out: Path) -> Section:
    """Report ESMM's methods and conflict modes on data whose truth is known."""
    cells, note = _cells(done)
    rows = [
        (f"{cell.method} · {cell.mode}", *metric_row(entire_space.METRICS, found, _budget(cell)))
        for cell, found in cells
    ]
    note += (
        " CVR on impressions is measured against the potential conversion of every row, which "
        "only a simulator knows. Hyper-parameters were fixed beforehand."
    )
    probed = {cell.mode: cell.outcomes for cell, _ in cells if cell.method == "mean"}
    modes = {mode: probed[mode] for mode in entire_space.MODES}
    paths = _loss_paths(modes, ("CTR loss", "CTCVR loss"))
    columns = ("method · conflict", *entire_space.METRICS, *_BUDGET)
    return Section(
        title="ESMM on simulated short videos: the complete conflict",
        text=(
            "On each clicked, unconverted impression the CTCVR loss pulls the CTR tower exactly "
            "against the CTR loss (cosine -1; averaged over many such rows, nearly so), which the "
            "cosine over all rows hides. Stop-gradient removes it at the tower and weakens it at "
            "the shared embeddings. Three seeds show directions, they give no verdict."
        ),
        figures=[*_conflict_figures(probed, out), _space_figure(paths, out, "short_video")],
        tables=[Table("ESMM on short_video by method and conflict mode", columns, rows, note)],
    )


def real_section(name: str, done: Mapping[str, Any], out: Path) -> Section:
    """Report the methods on a real data set."""
    cells, note = _cells(done)
    names = tuple(cells[0][1][0])
    rows = [(cell.method, *metric_row(names, found, _budget(cell))) for cell, found in cells]
    outcomes = {cell.method: cell.outcomes for cell, _ in cells}
    paths = _loss_paths(outcomes, _OBJECTIVES[name])
    losses, _ = moo.plotting.plot_losses(paths)
    drawn = Figure(_save(losses, out, f"{name}_losses"), "Test losses over training.")
    return Section(
        title=f"Real data: {name}",
        text=_DESCRIPTIONS[name],
        figures=[_space_figure(paths, out, name), drawn],
        tables=[Table(f"{name}: test metrics by method", ("method", *names, *_BUDGET), rows, note)],
    )


def _cells(done: Mapping[str, Any]) -> tuple[list[tuple[Cell, list[dict[str, float]]]], str]:
    """Return all cells with their metrics, the cheapest methods first, and a note on them."""
    results = sorted(
        (item.result for item in done.values()), key=lambda r: r[0][0][0].method != "mean"
    )
    cells = [cell for found, _ in results for cell in found]
    compiled = sum(seconds for _, seconds in results)
    note = (
        f"Mean ± half-width of the 95 % t interval over {len(cells[0][1])} paired seeds. Steps, "
        "backward passes and seconds are those of all seeds; compilation, shared by the cells, "
        f"took {compiled:.1f} s more."
    )
    return cells, note


_BUDGET = ("steps", "backward passes", "seconds")
_OBJECTIVES = {
    "adult": ("income loss", "never-married loss"),
    "kuairand_subset": ("CTR loss", "CTCVR loss"),
}
_DESCRIPTIONS = {
    "adult": "UCI Adult (CC BY 4.0), official split: income over 50k, and never married, by a "
    "shared bottom with one tower a task.",
    "kuairand_subset": "KuaiRand, click then long view, by ESMM on a split by time. The sample was "
    "selected on likes: an illustration of a real run, no evidence for a method.",
}


def _verdicts(done: Mapping[str, Any], steps: int) -> Table:
    rows = []
    for method, item in done.items():
        found, budget = toy.verdict(item.result), Budget.of(method, steps, 2, item.seconds)
        reached = "".join("●" if start else "○" for start in found.reached)
        ends = "  ".join(f"{a:.2f}" for a, _ in found.ends)
        counts = (f"{budget.backward_passes:,}", f"{budget.seconds:.1f}")
        rows.append((method, f"{sum(found.reached)} of 5", reached, ends, *counts))
    return Table(
        "Two-task toy: starts that reached the front",
        ("method", "on the front", "by start 1 to 5", "final θ₁", "backward passes", "seconds"),
        rows,
        f"Within .05 of the exact Pareto set after {steps:,} steps of Adam at 1e-3, float32. Final "
        "coordinates are chaotic for some methods; membership is not. Backward passes a start.",
    )


def _conflict_figures(probed: Mapping[str, list[Outcome]], out: Path) -> list[Figure]:
    figures = []
    for mode in ("none", "stop_gradient"):
        for layer, place in entire_space.LAYERS.items():
            by_class = {
                label: np.stack([outcome.probes[layer][:, i] for outcome in probed[mode]])
                for i, label in enumerate(entire_space.CLASSES)
            }
            figure, _ = moo.plotting.plot_conflict(by_class, "classes", steps=probed[mode][0].steps)
            caption = (
                f"Conflict mode {mode}, at the {place}: cosine of the CTR and CTCVR gradients by "
                f"sample class, {entire_space.PROBE_ROWS:,} test rows, {len(probed[mode])} seeds."
            )
            drawn = _save(figure, out, f"conflict_{mode}_{layer}")
            figures.append(Figure(drawn, caption, wide=False))
    return figures


def _space_figure(paths: Mapping[str, moo.Trajectory], out: Path, name: str) -> Figure:
    figure, _ = moo.plotting.plot_trajectories(paths, space="objectives")
    caption = "Test losses in objective space over training, one path a seed."
    return Figure(_save(figure, out, f"{name}_objectives"), caption)


def _loss_paths(
    outcomes: Mapping[str, list[Outcome]], names: tuple[str, ...]
) -> dict[str, moo.Trajectory]:
    return {label: trajectory(found, names, label) for label, found in outcomes.items()}


def _budget(cell: Cell) -> Budget:
    steps = sum(int(outcome.steps[-1]) for outcome in cell.outcomes)
    return Budget.of(cell.method, steps, NUM_OBJECTIVES, cell.seconds)


def _save(figure: Any, out: Path, name: str) -> Path:
    return moo.plotting.save(figure, out / "figures" / f"{name}.svg")
