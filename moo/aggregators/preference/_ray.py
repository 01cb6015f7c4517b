"""Where the losses stand beside the preferred ray."""

from typing import NamedTuple

import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._solvers._rows import nonzero


class Offset(NamedTuple):
    """The part of the losses across the ray.

    Attributes:
        distance: (); its norm.
        direction: shape (m,), its unit vector, the distance's gradient; 0 on the ray.
    """

    distance: Array
    direction: Array

    @classmethod
    def of(cls, losses: Array, ray: Array, active: Array) -> "Offset":
        """Measure active losses from a ray through 0; 0 where the ray has no active entry."""
        losses = jnp.where(active, losses, 0)
        peak = nonzero(jnp.max(jnp.abs(losses)))
        unit, point = unit_ray(ray, active), losses / peak
        part = across(point, unit)
        length = jnp.sqrt(jnp.sum(part**2))
        # NaN is off the ray, so that nothing hides it.
        off = ~(length <= 8 * float(jnp.finfo(losses.dtype).eps)) & (unit != 0).any()
        return cls(
            jnp.where(off, length * peak, 0),
            jnp.where(off, part / jnp.where(off, length, 1), 0),
        )


def across(vector: Array, unit: Array) -> Array:
    """Remove the part along a unit vector, twice: the first time leaves what rounding does."""
    part = vector - jnp.sum(vector * unit) * unit
    return part - jnp.sum(part * unit) * unit


def unit_ray(ray: Array, active: Array) -> Array:
    """Return the active part of a ray over its norm; 0 where it has no active entry."""
    ray = jnp.where(active, ray, 0)
    scaled = ray / nonzero(jnp.max(jnp.abs(ray)))
    return scaled / nonzero(jnp.sqrt(jnp.sum(scaled**2)))
