"""Presets of the entire-space simulator: the rates and the population of each regime."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from moo._names import find_name
from moo.data._checks import check_tables


@dataclasses.dataclass(frozen=True)
class Preset:
    """A regime of the simulator.

    Args:
        ctr: mean click probability, in (0, 1).
        cvr: mean conversion probability among clicks, in (0, 1).
        correlation: r in [-1, 1] between what attracts clicks and what brings conversions;
            below 0 is click-bait.
        num_users: size of the user vocabulary.
        num_items: size of the item vocabulary.
        num_categories: item categories; a user's tags are categories too.
        num_contexts: situations in which an item is shown.
        max_tags: longest list of tags of a user.
        dim: dimension d of the latent tastes.
        affinity: standard deviation of the taste term in either logit.
        bias: standard deviation of the user and item terms in either logit.
        context: standard deviation of the context and price terms in either logit.
        popularity: exponent of the items' Zipf law; 0 shows all equally often.
        activity: standard deviation of the users' log-normal activity; 0 makes all equal.
        days: length of the log; times are milliseconds from its start.
    """

    ctr: float
    cvr: float
    correlation: float = 0.3
    num_users: int = 2_000
    num_items: int = 1_000
    num_categories: int = 20
    num_contexts: int = 8
    max_tags: int = 5
    dim: int = 8
    affinity: float = 1.0
    bias: float = 0.5
    context: float = 0.3
    popularity: float = 1.0
    activity: float = 1.0
    days: int = 14

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            self._check(field.name, getattr(self, field.name), field.type is int)
        check_tables(dataclasses.asdict(self), _TABLES)

    def _check(self, name: str, value: Any, whole: bool) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            kind = "an int" if whole else "a number"
            raise TypeError(f"{name} must be {kind}, got {value!r}")
        low, high = _RANGES.get(name, (1, _LARGE) if whole else (0.0, 100.0))
        if not low <= value <= high:
            raise ValueError(f"{name} must be in [{low}, {high}], got {value!r}")


_LARGE = 2**31 - 1
_TABLES = (
    ("num_users", "num_categories"),
    ("num_users", "max_tags"),
    ("num_users", "dim"),
    ("num_items", "dim"),
    ("num_categories", "dim"),
)
_RANGES: Mapping[str, tuple[float, float]] = {
    "ctr": (1e-6, 1 - 1e-6),
    "cvr": (1e-6, 1 - 1e-6),
    "correlation": (-1.0, 1.0),
    "popularity": (0.0, 10.0),
    "activity": (0.0, 5.0),
    "num_contexts": (1, 1_000_000),
}

PRESETS: Mapping[str, Preset] = {
    "alicpp_like": Preset(ctr=0.04, cvr=0.005, num_users=20_000, num_items=10_000),
    "shop": Preset(ctr=0.15, cvr=0.10),
    "short_video": Preset(ctr=0.50, cvr=0.50),
}


def choose(name: str, options: Mapping[str, Any]) -> Preset:
    """Return a preset with some of its values replaced; unknown names raise with the nearest."""
    chosen = find_name("preset", name, PRESETS)
    for option in options:
        find_name("option", option, dataclasses.asdict(chosen))
    return dataclasses.replace(chosen, **options)
