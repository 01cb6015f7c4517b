"""Directions in objective space, one a solution."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.typing import ArrayLike

from moo.aggregators._checks import is_real


def unit_preferences(
    num_objectives: int, preferences: ArrayLike | None
) -> Callable[[int], np.ndarray[Any, Any]]:
    """Return what gives K unit preferences for K solutions, after checking them.

    Args:
        num_objectives: the number m of objectives.
        preferences: shape (K, m), non-negative. None, for two objectives: equal angles.

    Raises:
        TypeError: if they are no real numbers, or traced.
        ValueError: if they are missing, or have a wrong shape or entry.
    """
    if preferences is None:
        if num_objectives != 2:
            raise ValueError(
                f"preferences is missing: with {num_objectives} objectives give one direction a "
                "solution, shape (K, m), as from moo.simplex_grid"
            )
        return _quarter_circle
    if isinstance(preferences, jax.core.Tracer):
        raise TypeError("preferences must be known while tracing, got a tracer: give an array")
    if not is_real(preferences):
        raise TypeError(f"preferences must consist of real numbers, got {preferences!r}")
    rows = np.asarray(preferences, float)
    if rows.ndim != 2 or rows.shape[1] != num_objectives:
        raise ValueError(f"preferences must have shape (K, {num_objectives}), got {rows.shape}")
    if not (np.isfinite(rows).all() and (rows >= 0).all() and rows.any(axis=1).all()):
        raise ValueError("preferences must be non-negative, and none of them all 0")
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def given(number: int) -> np.ndarray[Any, Any]:
        if number != len(units):
            raise ValueError(
                f"preferences holds {len(units)} directions for {number} solutions: give one each"
            )
        return units

    return given


def _quarter_circle(number: int) -> np.ndarray[Any, Any]:
    angles = np.linspace(0, np.pi / 2, number)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
