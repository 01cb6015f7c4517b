"""Losses in units of a preference, above an ideal point."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._checks import Preference


def check_ideal(ideal: ArrayLike, num_objectives: int) -> None:
    """Refuse an ideal point that is neither a number nor of shape (m,), or not finite.

    Raises:
        ValueError: if its shape or a known entry is wrong.
    """
    if np.shape(ideal) not in ((), (num_objectives,)):
        raise ValueError(
            f"ideal must be a number or have shape ({num_objectives},), got {np.shape(ideal)}"
        )
    if not isinstance(ideal, jax.core.Tracer) and not np.isfinite(np.asarray(ideal)).all():
        raise ValueError(f"ideal must be finite, got {np.asarray(ideal).tolist()}")


def shifted(losses: Array, preference: Preference | None, ideal: ArrayLike) -> tuple[Array, Array]:
    r"""Return $\lambda (\ell - z)$, shape (K, m), and $\lambda$, which is 1 without preference."""
    dtype = losses.dtype
    one = jnp.ones((), dtype)
    factor = one if preference is None else jnp.asarray(preference, dtype)
    return factor * (losses - jnp.asarray(ideal, dtype)), factor
