"""Times of several programs that take turns, and the ratios of the rounds."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
_WARM = 0.05  # seconds of untimed calls before a short program is timed
_MOST_CALLS = 200


class Ratio(NamedTuple):
    """Ratios of paired rounds."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """Return the median with the extremes in brackets."""
        return f"{self.median:.2f} ({self.least:.2f}–{self.most:.2f})"


def alternate(
    programs: Mapping[str, Callable[[], Any]], rounds: int, seconds: float = 0.05
) -> dict[str, Seconds]:
    """Time programs in turns, so that a drift of the machine meets all of them.

    In each turn a short program is first called untimed: the other package's threads may still
    spin, and the caches hold the other's data. The order is reversed every other round.

    Args:
        programs: name -> a call that returns when its work is done; already compiled.
        rounds: turns of each.
        seconds: a turn repeats the call until it has taken about so long.

    Returns:
        Name -> seconds a call in each round, (rounds,).
    """
    calls = {name: _calls(program, seconds) for name, program in programs.items()}
    times: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(rounds):
        for name in list(programs)[:: -1 if turn % 2 else 1]:
            times[name].append(_turn(programs[name], calls[name]))
    return {name: np.array(taken) for name, taken in times.items()}


def ratio(slow: Seconds, fast: Seconds) -> Ratio:
    """Return how many times longer the first takes, round by round.

    Example:
        >>> str(ratio(np.array([4.0, 6.0, 8.0]), np.array([2.0, 2.0, 2.0])))
        '3.00 (2.00–4.00)'
    """
    found = slow / fast
    return Ratio(float(np.median(found)), float(found.min()), float(found.max()))


def cores() -> int:
    """Return how many cores this process may use: XLA's pool, and what torch is told to take."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _calls(program: Callable[[], Any], seconds: float) -> int:
    program()
    started = time.perf_counter()
    program()
    taken = time.perf_counter() - started
    return int(np.clip(np.ceil(seconds / taken), 1, _MOST_CALLS))


def _turn(program: Callable[[], Any], calls: int) -> float:
    started = time.perf_counter()
    program()
    first = time.perf_counter() - started
    if first > _WARM:
        return first
    for _ in range(int(min(_WARM / first, calls))):
        program()
    started = time.perf_counter()
    for _ in range(calls):
        program()
    return (time.perf_counter() - started) / calls
