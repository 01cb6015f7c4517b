"""Checks of hyper-parameters that are known while tracing; schedules and tracers pass."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array

Preference: TypeAlias = ArrayLike | Sequence[float]


def check_number(name: str, value: Any, *, low: float = 0.0, strict: bool = False) -> None:
    """Refuse a hyper-parameter that is no finite number of at least `low`, or above it if strict.

    Raises:
        TypeError: if it is no number.
        ValueError: if it is out of range.
    """
    if isinstance(value, jax.core.Tracer):
        return
    known = np.asarray(value)
    if known.ndim or not np.issubdtype(known.dtype, np.number):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} {value!r}")
    if not math.isfinite(value) or value < low or (strict and value == low):
        bound = f"above {low:g}" if strict else f"at least {low:g}"
        raise ValueError(f"{name} must be finite and {bound}, got {value!r}")


def check_preference(preference: Preference | None, num_objectives: int) -> None:
    """Refuse a preference that is not of shape (m,), or has a known entry below 0.

    Raises:
        ValueError: if its shape or a known entry is wrong.
    """
    if preference is None:
        return
    if np.shape(preference) != (num_objectives,):
        raise ValueError(
            f"preference must have shape ({num_objectives},), got {np.shape(preference)}"
        )
    if isinstance(preference, jax.core.Tracer):
        return
    values = np.asarray(preference)
    if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
        raise ValueError(f"preference must be non-negative and not all 0, got {values.tolist()}")


def preference_weights(preference: Preference | None, like: Array, active: Array) -> Array:
    """Return the preference, shape (m,), or 1 over the number of active objectives."""
    if preference is None:
        return active / jnp.maximum(jnp.sum(active), 1).astype(like.dtype)
    return jnp.where(active, jnp.asarray(preference, like.dtype), 0)


def expect_transformation(given: Any, name: str) -> None:
    """Refuse what is no optax transformation, such as a method's name.

    Raises:
        TypeError: if it cannot be initialised and updated.
    """
    if not (isinstance(given, tuple) and hasattr(given, "init") and hasattr(given, "update")):
        raise TypeError(
            f"{name} must be an optax transformation, got {type(given).__name__}: build one with "
            "moo.optimizer(method, *after, num_objectives=m) or with optax"
        )
