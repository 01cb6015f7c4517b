"""Search spaces as data: how a hyper-parameter follows from coordinates in the unit cube."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.statistics._scores import Float64


@dataclasses.dataclass(frozen=True)
class Uniform:
    """A number between two ends, every one equally likely.

    Attributes:
        low: lower end.
        high: upper end, above low.
        default: the published setting.
    """

    low: float
    high: float
    default: float

    def __post_init__(self) -> None:
        _ordered(self.low, self.high, self.default)

    @property
    def coordinates(self) -> int:
        """How many coordinates of the cube it takes."""
        return 1

    def at(self, u: Float64) -> float:
        """Return low + u (high - low)."""
        return self.low + float(u[0]) * (self.high - self.low)


@dataclasses.dataclass(frozen=True)
class LogUniform:
    """A positive number, every order of magnitude equally likely.

    Attributes:
        low: lower end, positive.
        high: upper end, above low.
        default: the published setting.
    """

    low: float
    high: float
    default: float

    def __post_init__(self) -> None:
        _ordered(self.low, self.high, self.default)
        if self.low <= 0:
            raise ValueError(f"low: must be positive, got {self.low}")

    @property
    def coordinates(self) -> int:
        """How many coordinates of the cube it takes."""
        return 1

    def at(self, u: Float64) -> float:
        """Return low (high / low)^u, held between the ends against rounding."""
        value = math.exp(math.log(self.low) + float(u[0]) * math.log(self.high / self.low))
        return min(max(value, self.low), self.high)


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of a few values.

    Attributes:
        values: at least one, distinct.
        default: the published setting, among them.
    """

    values: tuple[Any, ...]
    default: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        if self.default not in self.values:
            raise ValueError(f"default: must be one of {self.values}, got {self.default!r}")

    @property
    def coordinates(self) -> int:
        """How many coordinates of the cube it takes."""
        return 1

    def at(self, u: Float64) -> Any:
        """Return the value whose equal share of the interval holds u."""
        return self.values[min(int(u[0] * len(self.values)), len(self.values) - 1)]


@dataclasses.dataclass(frozen=True)
class Simplex:
    """Weights of linear scalarisation: positive, with sum 1, uniform on the simplex.

    Attributes:
        size: number of objectives, at least 2.
    """

    size: int

    def __post_init__(self) -> None:
        if self.size < 2:
            raise ValueError(f"size: must be at least 2, got {self.size}")

    @property
    def default(self) -> tuple[float, ...]:
        """Equal weights."""
        return (1 / self.size,) * self.size

    @property
    def coordinates(self) -> int:
        """How many coordinates of the cube it takes."""
        return self.size

    def at(self, u: Float64) -> tuple[float, ...]:
        """Return normalised exponentials, which are uniform on the simplex."""
        tiny = float(np.finfo(np.float64).eps)
        spacings = -np.log(np.clip(u, tiny, 1 - tiny))
        return tuple((spacings / spacings.sum()).tolist())


Parameter = Uniform | LogUniform | Choice | Simplex

_KINDS: dict[str, Any] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "choice": Choice,
    "simplex": Simplex,
}


def search_space(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameter]:
    """Read a search space from a TOML or JSON table.

    Args:
        data: name of each hyper-parameter -> its "kind" ("uniform", "log_uniform", "choice" or
            "simplex") and that kind's fields.

    Returns:
        The hyper-parameters in the table's order.

    Raises:
        ValueError: if a kind is unknown, a field is missing or unknown, or a value is out of range.

    Example:
        >>> from benchmarks.statistics import search_space
        >>> search_space({"c": {"kind": "uniform", "low": 0.0, "high": 1.0, "default": 0.4}})
        {'c': Uniform(low=0.0, high=1.0, default=0.4)}
    """
    return {name: _parameter(name, fields) for name, fields in data.items()}


def _parameter(name: str, data: Mapping[str, Any]) -> Parameter:
    fields = dict(data)
    kind = fields.pop("kind", None)
    if kind not in _KINDS:
        raise ValueError(f"{name}: kind must be one of {tuple(_KINDS)}, got {kind!r}")
    wanted = {field.name for field in dataclasses.fields(_KINDS[kind])}
    if set(fields) != wanted:
        raise ValueError(f"{name}: {kind!r} has fields {sorted(wanted)}, got {sorted(fields)}")
    found: Parameter = _KINDS[kind](**fields)
    return found


def _ordered(low: float, high: float, default: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"high: must be finite and above low, got {low} to {high}")
    if not low <= default <= high:
        raise ValueError(f"default: must be in [{low}, {high}], got {default}")
