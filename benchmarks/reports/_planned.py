"""What a suite plans, against the cells that are there: the scale, its trials, how many cells."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from benchmarks.reports import _grid
from benchmarks.runner import Cell, cells
from benchmarks.runner._cell import canonical
from benchmarks.runner._suite import Suite


def scale_of(suite: Suite, found: Sequence[Cell]) -> str:
    """Return the suite's scale of the cells' settings, or "".

    Of several with the same settings it is the least that plans all pairs of model and problem.
    """
    cell = found[0]
    same = ("passes", "starts", "lanes", *(() if cell.passes else ("steps", "every")))
    fit = [name for name, size in suite.scales.items()
           if all(getattr(size, key) == getattr(cell, key) for key in same)]  # fmt: skip
    if len(fit) < 2:
        return fit[0] if fit else ""
    present = {(cell.model, cell.problem) for cell in found}
    planned = {name: cells(suite, name) for name in fit}
    whole = [name for name, cells_ in planned.items()
             if present <= {(cell.model, cell.problem) for cell in cells_}]  # fmt: skip
    return min(whole or fit, key=lambda name: len(planned[name]))


def other_trials(suite: Suite, scale: str, found: Collection[Cell]) -> int | None:
    """Return how many trials methods had, where they are not those that the scale plans.

    Fewer of a scale's learning rates are a sweep that has not ended, for no command asks for that.
    """
    if not scale or suite.learning_rate is None:
        return None
    most, size = _most(found), suite.scales[scale]
    if size.learning_rates:
        same = {cell.learning_rate for cell in found} <= set(size.learning_rates)
    else:
        same = most == _most(_planned(suite, scale, found))
    return None if same else most


def expected(suite: Suite, scale: str, found: Collection[Cell], trials: int | None) -> int | None:
    """Return how many cells the command names that makes such methods and trials."""
    return len(_planned(suite, scale, found, trials)) if scale else None


def _planned(
    suite: Suite, scale: str, found: Iterable[Cell], trials: int | None = None
) -> list[Cell]:
    """Return the cells of the scale; where other methods are there, of just the methods there."""
    planned, methods = cells(suite, scale, trials=trials), {cell.method for cell in found}
    if methods <= {cell.method for cell in planned}:
        return planned
    return cells(suite, scale, sorted(methods), trials)


def _most(found: Iterable[Cell]) -> int:
    """Return the number of trials of the method and problem that has most."""
    trials = {
        (cell.method, _grid.place(cell), canonical(cell.options), cell.learning_rate)
        for cell in found
    }
    return max(Counter(trial[:2] for trial in trials).values(), default=0)
