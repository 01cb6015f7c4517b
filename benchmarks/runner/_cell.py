"""A cell: one run, described by all that decides its result."""

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One method on one problem from one seed.

    Attributes:
        suite: the suite that it belongs to.
        problem: name of the problem or data set.
        method: name of the aggregator.
        seed: starting points, noise and the method's own draws follow from it, so that all
            methods meet the same ones.
        steps: steps of the optimizer.
        every: a row of metrics in so many steps.
        learning_rate: of the optimizer.
        optimizer: name of the optax optimizer.
        problem_options: arguments of the problem's factory.
        options: the method's hyper-parameters.
        starts: starting points a seed.
        samples: noise samples a step, where the problem is stochastic.
        lanes: seeds that one program runs side by side; rounding depends on it.
        model: name of the model, where there is one.
        passes: backward passes an objective that the steps were bought with; 0: they were given.

    Example:
        >>> cell = Cell(suite="s", problem="zdt1", method="mgda", seed=0, steps=10, every=5,
        ...             learning_rate=0.1)
        >>> cell.address[:8], cell == Cell.from_json(cell.json)
        ('57d7f8a3', True)
    """

    suite: str
    problem: str
    method: str
    seed: int
    steps: int
    every: int
    learning_rate: float
    optimizer: str = "adam"
    problem_options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    starts: int = 1
    samples: int = 6
    lanes: int = 1
    model: str | None = None
    passes: int = 0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type is float and type(value) is int:
                value = float(value)
            _check_type(field, value)
            value = _plain(value, field.name)
            object.__setattr__(self, field.name, value)

    def __hash__(self) -> int:
        return int(self.address[:15], 16)

    @functools.cached_property
    def json(self) -> str:
        """The configuration as canonical JSON."""
        return canonical(self._fields())

    @functools.cached_property
    def address(self) -> str:
        """Sha256 of the canonical JSON, in hexadecimal: the cell's name on disk."""
        return hashlib.sha256(self.json.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Cell":
        """Read a configuration back.

        Raises:
            ValueError: if the text is no JSON object, or its fields are not those of a cell.
        """
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"a cell is a JSON object, got {type(found).__name__}")
        try:
            return cls(**found)
        except TypeError as error:
            raise ValueError(f"this is no cell of this version: {error}") from error

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def canonical(value: Any, name: str = "") -> str:
    """Return the one JSON text of a value: keys sorted, floats by `repr`, ASCII, no spaces.

    Args:
        value: None, bool, int, finite float, str, and lists, tuples and str-keyed mappings of them.
        name: what the value is called in errors.

    Raises:
        TypeError: if JSON does not hold the type; the message names the field.
        ValueError: if a number is NaN or infinite.

    Example:
        >>> canonical({"b": (1, 2.0), "a": None})
        '{"a":null,"b":[1,2.0]}'
    """
    return json.dumps(
        _plain(value, name), sort_keys=True, ensure_ascii=True, allow_nan=False,
        separators=(",", ":"),
    )  # fmt: skip


def _plain(value: Any, name: str) -> Any:
    """Return the value in JSON's own types, in containers that nobody else holds.

    Subclasses are refused: numpy.float64 is a float, but prints otherwise.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        if not math.isfinite(value):
            raise ValueError(f"{name or 'value'}: must be finite, got {value}")
        return value
    if isinstance(value, list | tuple):
        return [_plain(item, f"{name}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {_key(key, name): _plain(item, _join(name, key)) for key, item in value.items()}
    raise TypeError(
        f"{name or 'value'}: JSON holds no {type(value).__module__}.{type(value).__qualname__}; "
        "give None, bool, int, float, str, or lists and dicts of them"
    )


def _key(key: Any, name: str) -> str:
    if type(key) is not str:
        raise TypeError(f"{name or 'value'}: keys must be str, got {key!r}")
    return key


def _join(name: str, key: Any) -> str:
    return f"{name}.{key}" if name else str(key)


_TYPES: dict[Any, Any] = {str: str, int: int, float: float, str | None: (str, type(None))}


def _check_type(field: dataclasses.Field[Any], value: Any) -> None:
    expected = _TYPES.get(field.type, Mapping)
    if not isinstance(value, expected) or isinstance(value, bool):
        kind = getattr(field.type, "__name__", field.type)
        raise TypeError(f"{field.name}: must be {kind}, got {value!r}")
