"""Index sets of splits by time, user, group and at random, each checked for leaks."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moo.data._checks import check_fractions, check_int
from moo.data._error import DataError

Indices = list[NDArray[np.intp]]


def by_time(times: NDArray[np.int64], fractions: Sequence[float]) -> Indices:
    """Cut rows in time order; rows of one instant stay in one part."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    cuts = _cuts(len(times), fractions)
    starts = [int(np.searchsorted(ordered, ordered[cut], side="left")) for cut in cuts]
    parts = _parts(order, starts)
    check_ordered([times[part] for part in parts])
    return parts


def by_user(users: NDArray[Any], fractions: Sequence[float], seed: int) -> Indices:
    """Give every user, with all its rows in their order, to one part."""
    check_int("seed", seed, 0)
    names, owner = np.unique(users, return_inverse=True)
    part_of_user = np.zeros(len(names), np.intp)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    for part, members in enumerate(_parts(shuffled, _cuts(len(names), fractions))):
        part_of_user[members] = part
    parts = [np.flatnonzero(part_of_user[owner] == part) for part in range(len(fractions))]
    check_disjoint([users[part] for part in parts])
    return parts


def by_group(groups: NDArray[Any], fractions: Sequence[float]) -> Indices:
    """Fill the parts with whole groups, the largest first; what fits nowhere goes to the last."""
    names, owner, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    bounds = _cuts(len(groups), fractions)
    filled = np.zeros(len(fractions), np.intp)
    part_of_group = np.full(len(names), len(fractions) - 1)
    for group in np.argsort(-sizes, kind="stable"):
        fits = np.cumsum(filled)[:-1] + sizes[group] <= bounds
        part = int(np.argmax(fits)) if fits.any() else len(fractions) - 1
        filled[part] += sizes[group]
        part_of_group[group] = part
    parts = [np.flatnonzero(part_of_group[owner] == part) for part in range(len(fractions))]
    if any(part.size == 0 for part in parts):
        raise DataError(f"{len(names)} groups do not fill the parts {tuple(fractions)}")
    check_disjoint([groups[part] for part in parts])
    return parts


def at_random(rows: int, fractions: Sequence[float], seed: int) -> Indices:
    """Cut a random order of the rows; each part keeps its rows in their first order."""
    check_int("seed", seed, 0)
    shuffled = np.random.default_rng(seed).permutation(rows)
    return [np.sort(part) for part in _parts(shuffled, _cuts(rows, fractions))]


def check_ordered(parts: Sequence[NDArray[np.int64]]) -> None:
    """Raise unless every part ends before the next one starts."""
    for index, (earlier, later) in enumerate(itertools.pairwise(parts)):
        if np.max(earlier) >= np.min(later):
            raise DataError(
                f"the split leaks the future: part {index} ends at {np.max(earlier)}, "
                f"part {index + 1} starts at {np.min(later)}"
            )


def check_disjoint(parts: Sequence[NDArray[Any]]) -> None:
    """Raise if two parts share a user or group."""
    for (i, one), (j, other) in itertools.combinations(enumerate(parts), 2):
        shared = np.intersect1d(one, other)
        if shared.size:
            raise DataError(f"the split leaks users: parts {i} and {j} share user {shared[0]}")


def _cuts(count: int, fractions: Sequence[float]) -> list[int]:
    """Return the inner boundaries that cut `count` things by `fractions`."""
    check_fractions(fractions)
    if not math.isclose(sum(fractions), 1.0, abs_tol=1e-9):
        raise ValueError(f"fractions must sum to 1, got {tuple(fractions)}: {sum(fractions)}")
    bounds = [round(count * share) for share in itertools.accumulate(fractions)][:-1]
    if any(later <= earlier for earlier, later in itertools.pairwise([0, *bounds, count])):
        raise DataError(f"{count} rows or users do not fill the parts {tuple(fractions)}")
    return bounds


def _parts(order: NDArray[np.intp], starts: Sequence[int]) -> Indices:
    parts = np.split(order, starts)
    if any(part.size == 0 for part in parts):
        raise DataError("a part of the split is empty: too many rows share one instant")
    return parts
