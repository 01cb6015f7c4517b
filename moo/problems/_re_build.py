"""What the engineering problems of the RE suite share."""

from typing import Any

import numpy as np

from moo.problems._formula import Formula, PointSet, from_formula
from moo.problems._problem import Box, Problem
from moo.problems._search import searched_set

_SUITE = "Tanabe and Ishibuchi, Applied Soft Computing 89, 2020"


def violation(xp: Any, *margins: Any) -> Any:
    """Sum of the parts of the margins below zero: 0 where all constraints g >= 0 hold."""
    return sum(xp.maximum(-margin, 0) for margin in margins)


def engineering(
    name: str,
    formula: Formula,
    bounds: Box,
    *,
    names: tuple[str, ...],
    ideal: tuple[float, ...],
    nadir: tuple[float, ...],
    pareto_set: PointSet | None = None,
    hypervolume: float | None = None,
    hypervolume_from: str = "",
) -> Problem:
    """Build a problem of the suite, its reference point a tenth of the front's range behind it.

    Without a Pareto set in closed form, one is sampled by a search in the box.
    """
    low, high = np.array(ideal), np.array(nadir)
    return from_formula(
        formula,
        name=name,
        dim=len(bounds[0]),
        num_objectives=len(names),
        bounds=bounds,
        pareto_set=searched_set(formula, bounds) if pareto_set is None else pareto_set,
        sampled=pareto_set is None,
        connected=pareto_set is not None,
        ideal_point=low,
        nadir_point=high,
        reference_point=high + 0.1 * (high - low),
        max_hypervolume=hypervolume,
        hypervolume_from=hypervolume_from,
        objective_names=names,
        source=f"{_SUITE}; {'set sampled' if pareto_set is None else 'set and front derived'}",
    )
