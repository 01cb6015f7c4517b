"""The record of a test problem: objectives, and everything that is known exactly about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moo._types import Objectives
from moo.problems._distance import distance_to_samples

Float64 = NDArray[np.float64]
Box = tuple[Float64, Float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A test problem and what is known about it.

    All exact facts are float64 NumPy, whatever precision JAX computes in; the objectives follow
    the dtype of their argument.

    Attributes:
        name: name in the literature, lower case.
        dim: number of variables.
        num_objectives: number of objectives m, all minimised.
        objectives: `objectives(x, key=None) -> (m,)` for x of shape `(dim,)`; works under jit,
            vmap and grad. The key is a typed PRNG key; a deterministic problem ignores it, and a
            stochastic one without a key returns the expected losses, free of noise.
        source: where every constant is from.
        starts: `(n, dim)` starting points, those of the paper where it prints any.
        bounds: lower and upper corner `(dim,)` of the points that the problem is defined for, or
            None. `moo.run` does not project onto them: an optimiser may leave the box.
        window: lower and upper corner `(dim,)` of the region worth drawing, or None.
        pareto_set: `pareto_set(n) -> (n, dim)`, ordered along the set where it is a curve.
        pareto_front: `pareto_front(n) -> (n, m)`, row by row the losses of `pareto_set(n)`.
        sampled: whether set and front are the best points that a search found, rather than points
            known to be Pareto-optimal.
        connected: whether the Pareto set is one piece.
        ideal_point: `(m,)` least value of each objective on the front as papers state it, or None.
        nadir_point: `(m,)` greatest value of each objective on the front likewise, or None.
        reference_point: `(m,)` point for the hypervolume, or None.
        max_hypervolume: hypervolume of the whole front at that point, or None.
        hypervolume_from: how max_hypervolume is known: "closed form", "quadrature", or
            "sampled", which makes it a lower bound.
        objective_names: m plain names, for axes and tables.
        stochastic: whether the objectives draw noise from a key, where they are given one.
        facts: further known numbers by name.

    Example:
        >>> import moo.problems
        >>> toy = moo.problems.two_task_toy()
        >>> toy.pareto_front(3).round(2).tolist()
        [[-0.04, -19.99], [-1.51, -15.09], [-2.0, -0.4]]
        >>> toy.distance_to_set([[0.0, -8.0]]).round(3).tolist()
        [0.355]
    """

    name: str
    dim: int
    num_objectives: int
    objectives: Objectives
    source: str
    starts: Float64
    bounds: Box | None = None
    window: Box | None = None
    pareto_set: Callable[[int], Float64] | None = None
    pareto_front: Callable[[int], Float64] | None = None
    sampled: bool = False
    connected: bool = True
    ideal_point: Float64 | None = None
    nadir_point: Float64 | None = None
    reference_point: Float64 | None = None
    max_hypervolume: float | None = None
    hypervolume_from: str = ""
    objective_names: tuple[str, ...] = ()
    stochastic: bool = False
    facts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shapes, name the objectives and freeze every array."""
        names = self.objective_names or tuple(f"f{i + 1}" for i in range(self.num_objectives))
        object.__setattr__(self, "objective_names", names)
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        shapes: dict[str, tuple[int, ...]] = {
            "starts": (-1, self.dim),
            "bounds": (2, self.dim),
            "window": (2, self.dim),
        }
        for point in ("ideal_point", "nadir_point", "reference_point"):
            shapes[point] = (self.num_objectives,)
        for entry in fields(self):
            if entry.name in shapes:
                value = _frozen(entry.name, getattr(self, entry.name), shapes[entry.name])
                object.__setattr__(self, entry.name, value)

    def distance_to_set(self, points: ArrayLike, n: int = 20_001) -> Float64:
        """Euclidean distance from points to the Pareto set.

        With two objectives and a set of one piece this is the distance to the polyline through
        `pareto_set(n)`, else to those n samples.

        Args:
            points: `(..., dim)` points.
            n: number of samples of the set.

        Returns:
            `(...)` distances in float64; NaN for a point that is not finite.

        Raises:
            ValueError: if the set is not known, or the last axis of points is not dim.
        """
        if self.pareto_set is None:
            raise ValueError(f"{self.name}: the Pareto set of this problem is not known")
        flat = np.asarray(points, dtype=np.float64)
        if flat.ndim == 0 or flat.shape[-1] != self.dim:
            raise ValueError(f"points: last axis must be dim={self.dim}, got shape {flat.shape}")
        curve = self.num_objectives == 2 and self.connected
        return distance_to_samples(flat, self.pareto_set(n), curve=curve)


def _frozen(name: str, value: Any, shape: tuple[int, ...]) -> Any:
    """Return a read-only float64 copy (a pair stays a pair), or None."""
    if value is None:
        return None
    array = np.array(value, dtype=np.float64)
    fits = array.ndim == len(shape)
    fits = fits and all(b in (-1, a) for a, b in zip(array.shape, shape, strict=True))
    if not fits:
        raise ValueError(f"{name}: must have shape {shape}, got {array.shape}")
    array.setflags(write=False)
    return (array[0], array[1]) if isinstance(value, tuple) else array
