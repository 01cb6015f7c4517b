"""What every solver works on: cosines, and norms relative to the longest and the shortest row."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax

from moo._jacobian._gram import Gram, times_power_of_two
from moo._types import Array
from moo.aggregators._solvers._solution import Solution


class Rows(NamedTuple):
    """The rows of a Jacobian, as far as weights can depend on them.

    Attributes:
        cosines: shape (m, m); 0 outside present rows.
        active: shape (m,), bool.
        present: shape (m,), bool; active rows that are not zero.
        share: shape (m,); the shortest present norm over each one's, in (0, 1]; 0 where absent.
        length: shape (m,); each norm over the longest one, in (0, 1], no less than 1e-35 in
            float32; 0 where absent.
        finite: shape (), bool; False if an active row holds NaN or infinity.
    """

    cosines: Array
    active: Array
    present: Array
    share: Array
    length: Array
    finite: Array

    @classmethod
    def of(cls, gram: Gram, active: Array) -> "Rows":
        """Restrict a Gramian to its active rows and take its scales out, exactly."""
        present = active & (gram.norms != 0)
        norms = jnp.where(present, gram.norms, 1)
        cosines = jnp.where(present[:, None] & present[None, :], gram.cosines, 0)
        most = jnp.iinfo(jnp.int32).max // 4
        low = jnp.min(jnp.where(present, gram.exponents, most))
        high = jnp.max(jnp.where(present, gram.exponents, -most))
        share = jnp.where(present, times_power_of_two(1 / norms, low - gram.exponents), 0)
        length = jnp.where(present, times_power_of_two(norms, gram.exponents - high), 0)
        finite = jnp.isfinite(jnp.sum(0 * cosines) + jnp.sum(0 * norms))
        # What is divided by a length must find the same one there, not an underflow to 0.
        length = jnp.maximum(_over_largest(length), least_length(norms.dtype))
        length = jnp.where(present, length, 0)
        return cls(cosines, active, present, _over_largest(share), length, finite)

    @property
    def number(self) -> Array:
        """The number of active rows, at least 1, in the dtype of the cosines."""
        return jnp.maximum(jnp.sum(self.active), 1).astype(self.cosines.dtype)

    @property
    def zero(self) -> Array:
        """Which active rows are zero, shape (m,), bool."""
        return self.active & ~self.present

    def per_length(self, coefficients: Array) -> Array:
        """Turn coefficients of unit rows, in units of the longest norm, into weights of rows."""
        return jnp.where(self.present, coefficients / jnp.where(self.present, self.length, 1), 0)

    def solution(self, weights: Array, residual: Array, solvable: Array | bool = True) -> Solution:
        """Attach a certificate; rows that are not finite give NaN, never a silent answer."""
        weights = jnp.where(self.finite, weights, jnp.nan)
        residual = jnp.where(self.finite, residual, jnp.nan)
        sound = jnp.isfinite(weights).all() & (residual <= tolerance(weights.dtype)) & solvable
        return Solution(jnp.where(self.active, weights, 0), residual, sound)


def nonzero(x: Array) -> Array:
    """Return x with 1 in place of 0, for what is divided by it."""
    return jnp.where(x == 0, 1, x)


def times(matrix: Array, vector: Array) -> Array:
    """Multiply in full precision on every backend, and fused where m is small."""
    return jnp.sum(matrix * vector, axis=-1)


def matmul(a: Array, b: Array) -> Array:
    """Multiply two matrices in full precision on every backend."""
    return jnp.matmul(a, b, precision=lax.Precision.HIGHEST)


def cholesky(matrix: Array) -> tuple[Array, bool]:
    """Factor a matrix that is symmetric to the last bit, in the form that `cho_solve` takes."""
    return lax.linalg.cholesky(matrix, symmetrize_input=False), True


def dot(a: Array, b: Array) -> Array:
    """Return the inner product of the last axes, in full precision."""
    return jnp.sum(a * b, axis=-1)


def least_length(dtype: jnp.dtype) -> float:
    """Return the least relative length of a row that is not zero: 1e-35 in float32."""
    return 1024 * float(jnp.finfo(dtype).tiny)


def tolerance(dtype: jnp.dtype) -> float:
    """Return the relative residual up to which a solver says `converged`: 1.4e-5 in float32."""
    return float(jnp.finfo(dtype).eps) ** 0.7


def rounding(dtype: jnp.dtype) -> float:
    """Return the relative size of what a sum of m products leaves undecided."""
    return 8 * float(jnp.finfo(dtype).eps)


def _over_largest(x: Array) -> Array:
    return x / nonzero(jnp.max(x))
