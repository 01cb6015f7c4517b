"""What the scalarizations about an ideal point share: gaps, preferences, maxima."""

from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._checks import (
    Preference,
    check_preference,
    is_real,
    preference_weights,
)
from moo.aggregators._ties import shared
from moo.aggregators.losses._masked import softmax

Point: TypeAlias = Preference
Form = Literal["weighted", "modified"]


def check_point(name: str, point: Point, num_objectives: int) -> None:
    """Refuse a point of the objective space that is neither a number nor of shape (m,).

    Raises:
        TypeError: if a known entry is no real number.
        ValueError: if its shape or a known entry is wrong.
    """
    if np.shape(point) not in ((), (num_objectives,)):
        raise ValueError(
            f"{name} must be a number or have shape ({num_objectives},), got {np.shape(point)}"
        )
    if isinstance(point, jax.core.Tracer):
        return
    values = np.asarray(point)
    if not is_real(values):
        raise TypeError(f"{name} must consist of real numbers, got {values.tolist()!r}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite, got {values.tolist()}")


def check_positive(preference: Preference | None, num_objectives: int) -> None:
    """Refuse a preference by which nothing can be divided.

    Raises:
        ValueError: if its shape is wrong, or a known entry is not above 0.
    """
    check_preference(preference, num_objectives)
    if preference is None or isinstance(preference, jax.core.Tracer):
        return
    if not (np.asarray(preference) > 0).all():
        values: Any = np.asarray(preference).tolist()
        raise ValueError(f"preference must be above 0 in every entry, since it divides: {values}")


def gaps(losses: Array, point: Point, active: Array) -> Array:
    """Return the losses less the point; 0 where inactive."""
    return jnp.where(active, losses - jnp.asarray(point, losses.dtype), 0)


def factors(preference: Preference | None, form: Form, like: Array, active: Array) -> Array:
    """Return what multiplies the gaps: the preference, or its inverse; 0 where inactive."""
    weights = preference_weights(preference, like, active)
    return weights if form == "weighted" else jnp.where(active, 1 / weights, 0)


def slopes_of_maximum(scores: Array, smoothing: ArrayLike | None, active: Array) -> Array:
    r"""Return the gradient of the maximum, or of $\mu \log \sum_i \exp(s_i / \mu)$.

    The hard maximum (`smoothing` None) splits evenly among its ties.
    """
    if smoothing is not None:
        return softmax(scores, smoothing, active)
    top = jnp.max(jnp.where(active, scores, -jnp.inf))
    ties = shared(active & (scores == top), axis=0)
    return jnp.where(jnp.any(active), ties, 0).astype(scores.dtype)
