"""Losses in units of a preference, above an ideal point."""

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._checks import Preference


def shifted(losses: Array, preference: Preference | None, ideal: ArrayLike) -> tuple[Array, Array]:
    r"""Return $\lambda (\ell - z)$, shape (K, m), and $\lambda$, which is 1 without preference."""
    dtype = losses.dtype
    one = jnp.ones((), dtype)
    factor = one if preference is None else jnp.asarray(preference, dtype)
    return factor * (losses - jnp.asarray(ideal, dtype)), factor
