"""Coordinates in which a problem on the simplex has entries of order 1 at every spread of rows."""

from typing import NamedTuple

import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._solvers._rows import Rows, dot, rounding, times


class Balanced(NamedTuple):
    r"""Variables $x_i = s_i w_i$ with $s_i = \max(d_i / D, 1)$, for answers of a length about D.

    A longer row gets a large multiple of its weight, which would be lost beside the others, and a
    shorter one keeps it, for it may have all of the weight.

    Attributes:
        rows: the rows, m of them.
        stretch: s, shape (m,), at least 1.
        reach: $d_i / (s_i D)$, shape (m,), at most 1; what a unit of x adds to v in units of D.
    """

    rows: Rows
    stretch: Array
    reach: Array

    @classmethod
    def of(cls, rows: Rows, size: Array, extra: Array | float = 0.0) -> "Balanced":
        """Choose D = `size`, in units of the longest norm; `extra` adds to every squared norm."""
        size = jnp.where(size > 0, size, 1)
        stretch = jnp.maximum(jnp.hypot(rows.length, jnp.sqrt(extra)) / size, 1)
        return cls(rows, stretch, rows.length / size / stretch)

    @property
    def hessian(self) -> Array:
        """The Gramian in x, shape (m, m), in units of D²."""
        return self.reach[:, None] * self.rows.cosines * self.reach[None, :]

    @property
    def normal(self) -> Array:
        """What a unit of x adds to the sum of the weights, shape (m,)."""
        return 1 / self.stretch

    def weights(self, point: Array) -> Array:
        """Turn x into weights that add up to 1."""
        # What is below the rounding of the largest entry would be all of v beside a zero row.
        faint = jnp.finfo(point.dtype).eps * jnp.max(jnp.where(self.rows.active, point, 0))
        weights = jnp.where(self.rows.active & (point > faint), point / self.stretch, 0)
        total = jnp.sum(weights)
        return weights / jnp.where(total == 0, 1, total)

    def norm(self, point: Array) -> Array:
        r"""Return $\lVert J^\top w \rVert$ in units of D."""
        units = self.reach * point
        return jnp.sqrt(jnp.maximum(dot(units, times(self.rows.cosines, units)), 0))

    def noise(self, point: Array) -> Array:
        """Return the length, in units of D, below which J'w is 0 to working precision."""
        return float(rounding(point.dtype) ** 0.5) * jnp.sum(jnp.abs(self.reach * point))

    def projections(self, point: Array) -> tuple[Array, Array]:
        r"""Return $g_i^\top J^\top w$ in units of D², shape (m,), and their rounding errors."""
        units = self.reach * point
        ratio = self.reach * self.stretch
        error = rounding(point.dtype) * jnp.sum(jnp.abs(units))
        return ratio * times(self.rows.cosines, units), ratio * error
