"""What a step reports and what a run leaves behind."""

import dataclasses
import hashlib
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from moo._files import write_atomically
from moo._types import Array, PyTree

_FORMAT = "moo.Trajectory/1"
# What numpy, zipfile, zlib and json raise on files with flipped bits.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    RuntimeError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
)


class Record(NamedTuple):
    """What one training step reports; arrays only, so it can be scanned, mapped and stacked.

    Attributes:
        losses: shape (m,); the losses at the parameters *before* the step.
        weights: shape (m,); the weights used in the step, (groups, m) under `per_group`; None
            where a method has none.
        gram: the `moo.Gram` that the method took, with a leading axis of groups under
            `per_group`; None where it took none.
        residual: shape (); the solver's certificate, 0 where there is nothing to solve.
        converged: shape (), bool; whether the solver met its tolerance.
        finite: shape (), bool; False where a loss or an update was NaN or infinite.
        aux: what the objectives returned beside the losses; None without `has_aux`.
    """

    losses: Array
    weights: Array | None
    gram: Any
    residual: Array
    converged: Array
    finite: Array
    aux: PyTree = None


@dataclasses.dataclass(frozen=True, eq=False)
class Trajectory:
    """The path of a run from each of its starts, thinned in time, as plain numpy arrays.

    Attributes:
        steps: shape (time,), int; the iteration of each row, the last one included.
        objectives: shape (starts, time, m); the losses at that point.
        params: shape (starts, time, d); the flat parameters, None where they were not kept.
        weights: shape (starts, time, m); the weights *used at* that point, so NaN in the last
            row; None where a method has none.
        cosines: shape (starts, time, m, m); the gradients' cosines at that point, NaN in the last
            row; None where a method takes no Gramian.
        names: the objectives' names, or ().
        label: the method's name, or "".
        settings: how the Jacobian was taken (`heads`, `shared`, `active`, `gram`), as text;
            official codes differ in them silently.

    Example:
        >>> import numpy as np, moo
        >>> path = moo.Trajectory(steps=np.arange(3), objectives=np.zeros((1, 3, 2)))
        >>> path.num_objectives, len(path)
        (2, 3)
    """

    steps: np.ndarray
    objectives: np.ndarray
    params: np.ndarray | None = None
    weights: np.ndarray | None = None
    cosines: np.ndarray | None = None
    names: tuple[str, ...] = ()
    label: str = ""
    settings: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        starts, time, m = self._shape("objectives", self.objectives, 3)
        expected = {"steps": (time,), "weights": (starts, time, m), "cosines": (starts, time, m, m)}
        for name, shape in expected.items():
            value = getattr(self, name)
            if value is not None and value.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {value.shape}")
        if self.params is not None and self._shape("params", self.params, 3)[:2] != (starts, time):
            raise ValueError(f"params must be ({starts}, {time}, d), got {self.params.shape}")
        if self.names and len(self.names) != m:
            raise ValueError(
                f"names must have one name for each of {m} objectives, got {self.names}"
            )

    @staticmethod
    def _shape(name: str, value: np.ndarray, rank: int) -> tuple[int, ...]:
        if np.ndim(value) != rank:
            raise ValueError(f"{name} must have {rank} axes, got shape {np.shape(value)}")
        return tuple(value.shape)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        starts, time, m = self.objectives.shape
        label = f"{self.label!r}, " if self.label else ""
        return f"Trajectory({label}starts={starts}, time={time}, num_objectives={m})"

    @property
    def num_objectives(self) -> int:
        """The number m of objectives."""
        return int(self.objectives.shape[2])

    @property
    def finite(self) -> bool:
        """Whether every loss along every path is finite."""
        return bool(np.isfinite(self.objectives).all())

    @classmethod
    def stack(cls, trajectories: Sequence["Trajectory"]) -> "Trajectory":
        """Join runs over the same steps, such as seeds, along the axis of starts.

        Args:
            trajectories: at least one; equal `steps` and objectives.

        Returns:
            One trajectory; an optional array is kept where every run has it.

        Raises:
            ValueError: if there are none, or their steps or objectives differ.
        """
        if not trajectories:
            raise ValueError("trajectories is empty: give at least one Trajectory")
        first = trajectories[0]
        if any(not np.array_equal(first.steps, other.steps) for other in trajectories):
            raise ValueError("trajectories differ in their steps: record them at the same steps")
        kinds = {(other.num_objectives, other.names) for other in trajectories}
        if len(kinds) > 1:
            raise ValueError(f"trajectories differ in their objectives, got {sorted(kinds)}")

        def join(name: str) -> Any:
            values = [getattr(trajectory, name) for trajectory in trajectories]
            return None if any(v is None for v in values) else np.concatenate(values)

        joined = {name: join(name) for name in ("objectives", "params", "weights", "cosines")}
        return dataclasses.replace(first, **joined)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a compressed npz with its own sha256, atomically.

        Args:
            path: the file to write; an existing one is replaced only when the new one is complete.
        """
        arrays = {name: value for name, value in self._arrays().items() if value is not None}
        header = {
            "format": _FORMAT,
            "names": self.names,
            "label": self.label,
            "settings": dict(self.settings),
        }
        header["sha256"] = _digest(header, arrays)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]
        write_atomically(path, buffer.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Trajectory":
        """Read a trajectory back, checking format, checksum and shapes.

        Args:
            path: a file that `save` wrote.

        Raises:
            ValueError: if the file is damaged or is no trajectory.
        """
        content = Path(path).read_bytes()
        try:
            header, arrays = _unpacked(content)
            intact = header.pop("sha256") == _digest(header, arrays)
        except _DAMAGED as error:
            raise ValueError(
                f"{path} is no readable Trajectory file: write it with Trajectory.save"
            ) from error
        if header["format"] != _FORMAT or not intact:
            raise ValueError(f"{path} is damaged or of another format: its checksum does not hold")
        return cls(
            **arrays,
            names=tuple(header["names"]),
            label=header["label"],
            settings=header["settings"],
        )

    def _arrays(self) -> dict[str, np.ndarray | None]:
        kept = ("steps", "objectives", "params", "weights", "cosines")
        return {name: getattr(self, name) for name in kept}


def _unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the header and the arrays of an npz file."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return json.loads(str(arrays.pop("header"))), arrays


def _digest(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
    text = {key: header[key] for key in ("format", "names", "label", "settings")}
    digest = hashlib.sha256(json.dumps(text, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
