"""What is fixed before a comparison starts."""

import dataclasses
import hashlib
import json
import math
from typing import Any

import numpy as np

from benchmarks.statistics._scores import Float64


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric that the verdict is made on.

    Attributes:
        name: its key in the records.
        higher_is_better: its direction.
        margin: loss that does not matter, at least 0, in the metric's unit.
        worst: what a failed run scores; None takes the worst finished run.

    Raises:
        ValueError: if the name is empty, the margin is negative, or a number is not finite.
        TypeError: if a field has the wrong type.

    Example:
        >>> from benchmarks.statistics import Metric
        >>> Metric("auc", higher_is_better=True, margin=0.001, worst=0.5).margin
        0.001
    """

    name: str
    higher_is_better: bool
    margin: float
    worst: float | None = None

    def __post_init__(self) -> None:
        _typed("name", self.name, str)
        _typed("higher_is_better", self.higher_is_better, bool)
        _number("margin", self.margin)
        if not self.name:
            raise ValueError("name: must not be empty")
        if self.margin < 0:
            raise ValueError(f"margin: must be at least 0, the loss allowed, got {self.margin}")
        if self.worst is not None:
            _number("worst", self.worst)


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What a comparison fixes before its first run, so that nothing is chosen by the results.

    Every method gets the same number of trials, the same budget and the same seeds; trials are
    chosen on validation, and the test set is looked at once.

    Attributes:
        metrics: primary metrics, at least one, names distinct; all others are secondary.
        seeds: paired over methods, at least two, distinct, at least 0.
        trials: hyper-parameter trials a method, tuned linear scalarisation among them.
        backward_passes: budget of a run; a step over m gradients costs m.
        baseline: the method that all others are judged against.
        confidence: of the intervals, in (0, 1).
        test: "t" or "wilcoxon".

    Raises:
        ValueError: if a value is out of its range.
        TypeError: if a field has the wrong type.

    Example:
        >>> from benchmarks.statistics import Metric, Protocol
        >>> auc = Metric("auc", higher_is_better=True, margin=0.001)
        >>> fixed = Protocol((auc,), seeds=(0, 1, 2), trials=5, backward_passes=4_000)
        >>> Protocol.from_json(fixed.to_json()) == fixed
        True

    Source: Dahl et al., Benchmarking neural network training algorithms, 2023, arXiv:2306.07179
        (equal trials a method); Kurin et al., In defense of the unitary scalarization for deep
        multi-task learning, NeurIPS 2022, arXiv:2201.04122 (baselines tuned as well).
    """

    metrics: tuple[Metric, ...]
    seeds: tuple[int, ...]
    trials: int
    backward_passes: int
    baseline: str = "mean"
    confidence: float = 0.95
    test: str = "t"

    def __post_init__(self) -> None:
        _members("metrics", self.metrics, Metric)
        _members("seeds", self.seeds, int)
        _distinct("metrics", [metric.name for metric in self.metrics], fewest=1)
        _distinct("seeds", self.seeds, fewest=2)
        if min(self.seeds) < 0:
            raise ValueError(f"seeds: must be at least 0, got {self.seeds}")
        for name in ("trials", "backward_passes"):
            _typed(name, getattr(self, name), int)
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1, got {getattr(self, name)}")
        _typed("baseline", self.baseline, str)
        if not self.baseline:
            raise ValueError("baseline: must name a method, got ''")
        _number("confidence", self.confidence)
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence: must be in (0, 1), got {self.confidence}")
        if self.test not in ("t", "wilcoxon"):
            raise ValueError(f"test: must be 't' or 'wilcoxon', got {self.test!r}")

    @property
    def margins(self) -> Float64:
        """The metrics' margins, `(metrics,)`."""
        return np.array([metric.margin for metric in self.metrics], dtype=np.float64)

    @property
    def higher_is_better(self) -> np.ndarray:
        """The metrics' directions, `(metrics,)` booleans."""
        return np.array([metric.higher_is_better for metric in self.metrics])

    def to_json(self) -> str:
        """Return canonical JSON: sorted keys, no blanks, the same text for equal protocols."""
        fields = dataclasses.asdict(self)
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def digest(self) -> str:
        """Return the sha256 of the canonical JSON, to be published before the runs."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Protocol":
        """Read a protocol from JSON.

        Args:
            text: JSON as `to_json` writes it; fields with defaults may be absent.

        Returns:
            The protocol, validated.

        Raises:
            ValueError: if the text is no JSON object of these fields, or a value is out of range.
            TypeError: if a field has the wrong type.
        """
        fields = _fields(cls, json.loads(text), "protocol")
        metrics = fields["metrics"]
        if not isinstance(metrics, list) or not isinstance(fields["seeds"], list):
            raise TypeError("metrics, seeds: must be lists")
        fields["metrics"] = tuple(Metric(**_fields(Metric, one, "metric")) for one in metrics)
        fields["seeds"] = tuple(fields["seeds"])
        return cls(**fields)


def _fields(cls: Any, fields: Any, name: str) -> dict[str, Any]:
    """Return the fields of an object, all known and none missing."""
    if not isinstance(fields, dict):
        raise ValueError(f"{name}: must be a JSON object, got {type(fields).__name__}")
    known = {field.name: field.default for field in dataclasses.fields(cls)}
    missing = {key for key, default in known.items() if default is dataclasses.MISSING}
    if wrong := (set(fields) - set(known)) | (missing - set(fields)):
        raise ValueError(f"{name}: fields are {tuple(known)}; unknown or missing: {sorted(wrong)}")
    return dict(fields)


def _members(name: str, values: Any, kind: type) -> None:
    _typed(name, values, tuple)
    for value in values:
        _typed(name, value, kind)


def _distinct(name: str, values: Any, fewest: int) -> None:
    if len(values) < fewest or len(set(values)) < len(values):
        raise ValueError(f"{name}: must be at least {fewest}, all distinct, got {tuple(values)}")


def _typed(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{name}: must be {kind.__name__}, got {type(value).__name__}: {value!r}")


def _number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: must be a number, got {type(value).__name__}: {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name}: must be finite, got {value}")
