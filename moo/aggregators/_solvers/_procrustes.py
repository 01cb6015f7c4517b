"""The nearest Jacobian whose rows are orthogonal and of equal length."""

from typing import Literal, TypeAlias

import jax.numpy as jnp

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._rows import Rows, times
from moo.aggregators._solvers._solution import Solution

ScaleMode: TypeAlias = Literal["min", "median", "rmse"]


def align(gram: Gram, active: Array, preference: Array, scale_mode: ScaleMode) -> Solution:
    r"""Weigh the rows so that all principal components of J have one length $\sigma$.

    With $G = V \Lambda V^\top$ over the modes $\Lambda > \lambda_{\max} m \epsilon$, the aligned
    Jacobian is $B J$ with $B = \sigma V \Lambda^{-1/2} V^\top$, and $w = B p$. G is taken in units
    of its longest row, so every common scale gives the same weights.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        preference: p, shape (m,).
        scale_mode: $\sigma$ is the `min` or `median` singular value of J, or their `rmse`, among
            the modes kept.

    Returns:
        Weights; the residual is 0, for nothing is iterated.
    """
    rows = Rows.of(gram, active)
    matrix = rows.cosines * rows.length[:, None] * rows.length[None, :]
    preference = jnp.where(rows.active, preference, 0)
    # A row that is not finite must not reach a factorisation, which may not return then.
    matrix = jnp.where(rows.finite, matrix, 0)
    if active.shape[0] == 2 and scale_mode == "min":
        weights = _pair(matrix, rows, preference)
    else:
        weights = _many(matrix, rows, preference, scale_mode)
    return rows.solution(weights, jnp.zeros((), weights.dtype), jnp.ones((), bool))


def _pair(matrix: Array, rows: Rows, preference: Array) -> Array:
    r"""Use $G^{-1/2} = ((\mathrm{tr} + s) I - G) / (s \sqrt{\mathrm{tr} + 2 s})$, $s^2 = \det G$."""
    first, second, cross = matrix[0, 0], matrix[1, 1], matrix[0, 1]
    trace = first + second
    top = (trace + jnp.hypot(first - second, 2 * cross)) / 2
    root = rows.length[0] * rows.length[1] * jnp.sqrt(jnp.maximum(1 - rows.cosines[0, 1] ** 2, 0))
    full = root**2 > 2 * jnp.finfo(matrix.dtype).eps * top**2
    aligned = (trace + root) * preference - times(matrix, preference)
    scale = jnp.sqrt(_nonzero(top * (trace + 2 * root)))
    return jnp.where(full, aligned / scale, times(matrix, preference) / _nonzero(trace))


def _many(matrix: Array, rows: Rows, preference: Array, scale_mode: ScaleMode) -> Array:
    values, vectors = jnp.linalg.eigh(matrix)
    kept = values > values[-1] * rows.count * jnp.finfo(values.dtype).eps
    safe = jnp.where(kept, values, 1)
    sigma = jnp.sqrt(_middle(values, kept, scale_mode))
    return times(vectors, jnp.where(kept, sigma / jnp.sqrt(safe), 0) * times(vectors.T, preference))


def _middle(values: Array, kept: Array, scale_mode: ScaleMode) -> Array:
    """Return the squared singular value that all modes are scaled to; `values` ascend."""
    number = jnp.sum(kept)
    if scale_mode == "rmse":
        return jnp.sum(jnp.where(kept, values, 0)) / jnp.maximum(number, 1)
    lowest = values.shape[0] - number
    index = lowest if scale_mode == "min" else lowest + (number - 1) // 2
    return jnp.maximum(values[jnp.minimum(index, values.shape[0] - 1)], 0)


def _nonzero(x: Array) -> Array:
    return jnp.where(x == 0, 1, x)
