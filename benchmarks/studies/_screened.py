"""What a finished run chose from the molecules of the test part, and what was measured of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.studies import _molecules, _screening
from moo.data import Molecules

# Of each goal: what its measured values are called, and whether more is better.
_AXES = {
    "hydrophobicity": ("measured logD at pH 7.4", True),
    "solubility": (r"measured logS ($\log_{10}$ of mol/l)", True),
    "toxicity": ("share of toxic assays", False),
}


class Screened(NamedTuple):
    """A choice from a pool by two goals.

    Attributes:
        goals: their names.
        measured: (n, 2) measured values of the pool, in the goals' own units.
        smiles: n structures.
        chosen: rows of the pool, in the order of choice.
        share: of the pool's hypervolume, that the choice holds.
        chance: the mean share of random choices of as many.
    """

    goals: tuple[str, str]
    measured: NDArray[np.float64]
    smiles: list[str]
    chosen: NDArray[np.intp]
    share: float
    chance: float

    @property
    def axes(self) -> tuple[str, str]:
        """What the measured values are called."""
        return _AXES[self.goals[0]][0], _AXES[self.goals[1]][0]

    @property
    def higher_is_better(self) -> tuple[bool, bool]:
        """Which way is good."""
        return _AXES[self.goals[0]][1], _AXES[self.goals[1]][1]


def screened(
    tested: Mapping[str, Any], data: Molecules | None = None, part: Molecules | None = None
) -> list[Screened]:
    """Read the choices of a run, by each pair of goals, from its metrics on test data.

    Args:
        tested: the metrics; a failed run has none.
        data: says what the labels are.
        part: the molecules of the test; None takes the suite's, which are read from the disk.

    Raises:
        DataError: if the molecules cannot be read.
        ValueError: if they are not those that the run chose from: the choice is scored again.
    """
    if data is None or part is None:
        data, *_, part = _molecules._parts()
    found = [_screened(goals, tested, data, part) for goals in _molecules.screened_goals(data)]
    return [one for one in found if one is not None]


def _screened(
    goals: tuple[str, str], tested: Mapping[str, Any], data: Molecules, part: Molecules
) -> Screened | None:
    name = _molecules.screening_name(goals)
    rows = _rows(tested, f"{name}_row_")
    if not rows:
        return None
    truth, pool = _molecules.screening_pool(goals, data, part)
    if not set(rows) <= set(pool.tolist()):
        raise ValueError(f"{name}: rows {rows} were not chosen from these molecules")
    chosen = np.searchsorted(pool, rows)
    share = _screening.score(truth[pool], chosen).share
    if not np.isclose(share, tested[f"{name}_share"], rtol=1e-9):
        raise ValueError(f"{name}: a share of {tested[f'{name}_share']} is not of these molecules")
    signs = [-1.0 if _AXES[goal][1] else 1.0 for goal in goals]
    measured, chance = truth[pool] * signs, float(tested[f"{name}_chance"])
    return Screened(goals, measured, list(part.smiles[pool]), chosen, share, chance)


def _rows(tested: Mapping[str, Any], start: str) -> Sequence[int]:
    found = {name: row for name, row in tested.items() if name.startswith(start)}
    order = sorted(found, key=lambda name: int(name.removeprefix(start)))
    return [int(found[name]) for name in order if found[name] is not None]
