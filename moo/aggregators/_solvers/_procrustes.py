"""The nearest Jacobian whose rows are orthogonal and of equal length."""

import functools
from typing import Literal, TypeAlias

import jax
import jax.numpy as jnp

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._rows import Rows, nonzero, times
from moo.aggregators._solvers._solution import Solution

ScaleMode: TypeAlias = Literal["min", "median", "rmse"]


@functools.partial(jax.jit, static_argnames="scale_mode")
def align(gram: Gram, active: Array, preference: Array, scale_mode: ScaleMode) -> Solution:
    r"""Weigh the rows so that all principal components of J have one length $\sigma$.

    With $J = U S W^\top$ over the modes kept, the aligned Jacobian is $B J$ with
    $B = \sigma U S^{-1} U^\top$, and $w = B p$. Rows that are collinear up to rounding are told by
    the cosines; the singular values come from a factor of J, not from its Gramian, so that rows of
    very different lengths count too. J is taken in units of its longest row.

    Args:
        gram: Gramian of the rows.
        active: shape (m,), bool.
        preference: p, shape (m,).
        scale_mode: $\sigma$ is the `min` or `median` singular value, or their `rmse`, among the
            modes kept.

    Returns:
        Weights; the residual is 0, for nothing is iterated.
    """
    rows = Rows.of(gram, active)
    # A row that is not finite must not reach a factorisation, which may not return then.
    cosines = jnp.where(rows.finite, rows.cosines, 0)
    lengths = jnp.where(rows.finite, rows.length, 0)
    preference = jnp.where(rows.active, preference, 0)
    if active.shape[0] == 2 and scale_mode == "min":
        weights = _pair(cosines[0, 1], lengths, preference)
    else:
        weights = _many(cosines, lengths, preference, rows.number, scale_mode)
    return rows.solution(weights, jnp.zeros((), weights.dtype))


def _pair(cosine: Array, lengths: Array, preference: Array) -> Array:
    r"""Use $G^{-1/2} \propto (\mathrm{tr}\, G + s) I - G$ with $s^2 = \det G$."""
    cross = cosine * lengths[0] * lengths[1]
    squares = lengths**2
    trace = jnp.sum(squares)
    top = (trace + jnp.hypot(squares[0] - squares[1], 2 * cross)) / 2
    sine = jnp.sqrt(jnp.maximum(1 - cosine**2, 0))
    root = lengths[0] * lengths[1] * sine
    faint = 2 * jnp.finfo(cosine.dtype).eps
    apart = 1 - jnp.abs(cosine) > faint * (1 + jnp.abs(cosine))
    # The root is the product of both singular values: the rank is told as for more rows.
    full = apart & (root > faint * top)
    turned = squares * preference + cross * preference[::-1]  # G p
    scale = jnp.sqrt(nonzero(top * (trace + 2 * root)))
    # tr G - G_ii is the other square: subtracting would lose it beside a much longer row.
    aligned = ((squares[::-1] + root) * preference - cross * preference[::-1]) / scale
    return jnp.where(full, aligned, turned / nonzero(trace))


def _many(
    cosines: Array, lengths: Array, preference: Array, number: Array, scale_mode: ScaleMode
) -> Array:
    tolerance = number * jnp.finfo(lengths.dtype).eps
    values, vectors = jnp.linalg.eigh(cosines)
    independent = values > values[-1] * tolerance
    factor = vectors * jnp.sqrt(jnp.where(independent, values, 0))
    modes, sizes, _ = jnp.linalg.svd(lengths[:, None] * factor)
    kept = (sizes > sizes[0] * tolerance) & (jnp.arange(len(sizes)) < independent.sum())
    ratio = jnp.where(kept, _common(sizes, kept, scale_mode) / jnp.where(kept, sizes, 1), 0)
    return times(modes, ratio * times(modes.T, preference))


def _common(sizes: Array, kept: Array, scale_mode: ScaleMode) -> Array:
    """Return the length that all modes get; `sizes` descend."""
    number = jnp.sum(kept)
    if scale_mode == "rmse":
        return jnp.sqrt(jnp.sum(jnp.where(kept, sizes**2, 0)) / jnp.maximum(number, 1))
    index = number - 1 if scale_mode == "min" else number // 2
    return sizes[jnp.clip(index, 0, len(sizes) - 1)]
