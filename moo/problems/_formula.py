"""Problems from one formula that NumPy and JAX both evaluate."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Float64, Problem
from moo.problems._sampling import starts_in

Formula: TypeAlias = Callable[[ModuleType, Any], "tuple[Any, ...]"]
PointSet: TypeAlias = Callable[[int], Float64]


def from_formula(formula: Formula, *, pareto_set: PointSet | None = None, **record: Any) -> Problem:
    """Build the record of a problem whose losses are `formula(xp, x)`.

    Args:
        formula: takes an array library (numpy or jax.numpy) and x of shape `(dim, ...)`; returns
            the m losses, each of shape `(...)`.
        pareto_set: `pareto_set(n) -> (n, dim)`; the front is its image in float64.
        **record: the other fields of `Problem`. Without starts, eight are drawn from seed 0 in
            the middle 80 % of the bounds.

    Returns:
        The problem.
    """
    if "starts" not in record:
        record["starts"] = starts_in(record["bounds"])

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        return jnp.stack(formula(jnp, jnp.asarray(x)))

    return Problem(
        objectives=objectives,
        pareto_set=pareto_set,
        pareto_front=None if pareto_set is None else image(formula, pareto_set),
        **record,
    )


def image(formula: Formula, pareto_set: PointSet) -> PointSet:
    """Return `pareto_front(n)`: the losses of `pareto_set(n)` in float64."""

    def pareto_front(n: int) -> Float64:
        return np.stack(formula(np, pareto_set(n).T), axis=1)

    return pareto_front


def column(values: Any, x: Any) -> Any:
    """Return constants `(d,)` as an array that multiplies x of shape `(d, ...)`, in its dtype."""
    xp = np if isinstance(x, np.ndarray) else jnp
    return xp.asarray(values, dtype=x.dtype).reshape(-1, *[1] * (x.ndim - 1))
