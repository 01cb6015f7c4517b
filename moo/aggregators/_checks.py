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


def check_number(
    name: str, value: Any, *, low: float = 0.0, strict: bool = False, finite: bool = True
) -> None:
    """Refuse a hyper-parameter that is no number of at least `low`, or above it if strict.

    NaN is refused, and infinity too unless `finite` is False.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is out of range.
    """
    if isinstance(value, jax.core.Tracer):
        return
    if np.ndim(value) or not is_real(value):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} {value!r}")
    refused = not math.isfinite(value) if finite else math.isnan(value)
    if refused or value < low or (strict and value == low):
        bound = f"above {low:g}" if strict else f"at least {low:g}"
        raise ValueError(f"{name} must be {'finite and ' * finite}{bound}, got {value!r}")


def is_real(values: Any) -> bool:
    """Say whether known values are real numbers, of numpy's dtypes or of those jax adds."""
    dtype = np.asarray(values).dtype
    return bool(jnp.issubdtype(dtype, jnp.integer) or jnp.issubdtype(dtype, jnp.floating))


def check_share(name: str, value: Any, *, closed: bool = False) -> None:
    """Refuse a hyper-parameter outside [0, 1), or outside [0, 1] if closed.

    Raises:
        TypeError: if it is no number.
        ValueError: if it is out of range.
    """
    check_number(name, value)
    if isinstance(value, jax.core.Tracer):
        return
    if value > 1 or (value == 1 and not closed):
        raise ValueError(f"{name} must lie in [0, 1{']' if closed else ')'}, got {value!r}")


def check_count(name: str, value: Any, *, low: int = 0) -> None:
    """Refuse what is no int of at least `low`.

    Raises:
        TypeError: if it is no int.
        ValueError: if it is too small.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an int, got {type(value).__name__} {value!r}")
    if value < low:
        raise ValueError(f"{name} must be at least {low}, got {value}")


def check_preference(
    preference: Preference | None, num_objectives: int, name: str = "preference"
) -> None:
    """Refuse a preference that is not of shape (m,), or has a known entry below 0.

    Raises:
        TypeError: if a known entry is no real number.
        ValueError: if its shape or a known entry is wrong.
    """
    if preference is None:
        return
    if np.shape(preference) != (num_objectives,):
        raise ValueError(f"{name} must have shape ({num_objectives},), got {np.shape(preference)}")
    if isinstance(preference, jax.core.Tracer):
        return
    values = np.asarray(preference)
    if not is_real(values):
        raise TypeError(f"{name} must consist of real numbers, got {values.tolist()}")
    if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
        raise ValueError(f"{name} must be non-negative and not all 0, got {values.tolist()}")


def preference_weights(preference: Preference | None, like: Array, active: Array) -> Array:
    """Return the preference, shape (m,), 0 where inactive.

    Without one, or where it is 0 for all that are active: 1 over the number of active objectives.
    """
    even = active / jnp.maximum(jnp.sum(active), 1).astype(like.dtype)
    if preference is None:
        return even
    own = jnp.where(active, jnp.asarray(preference, like.dtype), 0)
    return jnp.where((own != 0).any(), own, even)


def expect_factory(name: str, given: Any) -> None:
    """Refuse what is no function of the number of objectives, such as a method's name.

    Raises:
        TypeError: if it cannot be called.
    """
    if not callable(given):
        raise TypeError(
            f"{name} must be a function of num_objectives that builds a method, such as moo.mgda, "
            f"got {type(given).__name__} {given!r}"
        )


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
