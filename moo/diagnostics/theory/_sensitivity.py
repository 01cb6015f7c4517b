"""How fast a method's weights move where two gradients are nearly collinear."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._state import find
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import constant_jacobian, settle
from moo.problems import Problem

_STEP = 1e-2  # of the squared angle, over which min-norm weights turn: kinks count, jumps do not
_ROUNDING = 8  # units in the last place: a smaller change of weights is none


class WeightSensitivity(NamedTuple):
    """Lipschitz estimates by angle, each the mean of independent maxima.

    Attributes:
        angles: (A,), radians between the two gradients, or from opposition.
        weights: (repeats, A), the largest change of the weights per change of the gradients.
        directions: (repeats, A), that of the direction.
        error: (A,), the Monte-Carlo standard error of the weights' mean over repeats.
        fit: the power of the angle by which the weights' grows, with its interval over repeats:
            near 0 where it is bounded, NaN where they do not move.
    """

    angles: np.ndarray
    weights: np.ndarray
    directions: np.ndarray
    error: np.ndarray
    fit: Fit


def weight_sensitivity(
    problem: Problem,
    method: Aggregator,
    x: ArrayLike,
    *,
    key: Array,
    angles: Sequence[float] = (0.3, 0.1, 0.03, 0.01),
    pair: tuple[int, int] = (0, 1),
    opposite: bool = False,
    ratio: float | None = None,
    trials: int = 64,
    repeats: int = 8,
    warmup: int = 0,
) -> WeightSensitivity:
    r"""Estimate the Lipschitz constant of a method's weights near collinear gradients.

    Of the exact gradients at x, the second of the pair is turned in the plane of both until it is
    at an angle $\alpha$ to the first, or to its opposite: the largest
    $\|w(J + E) - w(J)\| \, \|g_1\| / \|E\|$ over random changes E of both in that plane, of
    length $\|g_1\| \alpha^2 / 100$. The gradients are written in axes of that plane, which is no
    matter for methods that see their Gramian. Of two equal gradients $\alpha$ apart one takes all
    the min-norm weight as soon as it is shorter by $\alpha^2 / 2$, so that for MGDA at equal
    lengths it grows like $1 / \alpha^2$, and that of the direction like $1 / \alpha$.

    Args:
        problem: the problem; the gradients of its expected losses count.
        method: an aggregator that reports weights.
        x: the point, (d,).
        key: a typed key.
        angles: positive angles, decreasing.
        pair: the two objectives whose gradients are brought together.
        opposite: whether they become nearly opposite rather than nearly equal.
        ratio: the second's length over the first's; None keeps both lengths.
        trials: changes, of which the largest effect counts: an estimate from below.
        repeats: such maxima an angle, at least 2, for mean, error and interval.
        warmup: steps on the same gradients before the one that counts, for methods that remember.

    Returns:
        Estimates by angle and the power of their growth.

    Raises:
        ValueError: if the pair has no plane at x or is not two objectives, the method reports no
            weights, an angle is not positive or too small for the dtype, or
            `repeats` is below 2.

    Example:
        >>> import jax, moo
        >>> problem = moo.problem("noisy_quadratics")
        >>> found = weight_sensitivity(
        ...     problem, moo.mgda(2), problem.starts[0], key=jax.random.key(0), ratio=1.0)
        >>> abs(found.fit.exponent + 2) < 0.1
        True
        >>> weight_sensitivity(problem, moo.mean(2), problem.starts[0],
        ...                    key=jax.random.key(0)).weights.max().item()
        0.0

    Source: own; Lipschitz weights are an assumption of Fernando et al., MoCo, ICLR 2023, which
        plain min-norm weights do not meet.
    """
    if min(angles) <= 0:
        raise ValueError(f"angles must be positive, got {list(angles)}")
    if repeats < 2:
        raise ValueError(f"repeats must be at least 2, got {repeats}")
    point = jnp.asarray(x, dtype=float)
    if _STEP * min(angles) ** 2 < _ROUNDING * float(jnp.finfo(point.dtype).eps):
        raise ValueError(
            f"an angle of {min(angles):g} asks for changes within the rounding of {point.dtype}: "
            "give larger angles, or enable 64-bit types"
        )
    exact = np.asarray(jax.jacobian(problem.objectives)(point), float)
    rows = jnp.asarray(_turned(exact, pair), dtype=float)
    second, reach = pair[1], jnp.linalg.norm(rows[pair[0]])
    length = jnp.linalg.norm(rows[second]) if ratio is None else ratio * reach

    def answer(rows: Array) -> tuple[Array, Array]:
        v, state = settle(method, constant_jacobian(rows, point), point, warmup)
        weights = find(state, "weights")
        if weights is None:
            raise ValueError("method must report weights")
        return weights, v

    def largest(angle: Array, key: Array) -> tuple[Array, Array]:
        cosine = -jnp.cos(angle) if opposite else jnp.cos(angle)
        near = length * jnp.stack([cosine, jnp.sin(angle)])
        base = rows.at[second].set(0).at[second, :2].set(near)
        size = _STEP * angle**2 * reach
        noise = jax.random.normal(key, (trials, 2, 2), rows.dtype)
        noise *= size / jnp.sqrt(jnp.sum(noise**2, axis=(1, 2), keepdims=True))
        change = jnp.zeros((trials, *rows.shape)).at[:, jnp.array(pair), :2].set(noise)
        weights, v = answer(base)
        moved, bent = jax.vmap(answer)(base + change)
        most = _most(moved - weights)
        most = jnp.where(most <= _ROUNDING * jnp.finfo(most.dtype).eps, 0, most)
        return most * reach / size, _most(bent - v) / size

    keys = jax.random.split(key, (repeats, len(angles)))
    every = jax.vmap(jax.vmap(largest), (None, 0))
    found = jax.jit(every)(jnp.asarray(angles, dtype=float), keys)
    weights, directions = (np.asarray(one, float) for one in found)
    error = weights.std(axis=0, ddof=1) / np.sqrt(repeats)
    return WeightSensitivity(
        np.asarray(angles), weights, directions, error, fit_power(angles, weights)
    )


def _most(change: Array) -> Array:
    return jnp.max(jnp.linalg.norm(change, axis=1))


def _turned(rows: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Return the gradients in axes of which the first is along the pair's first, the second beside.

    There the small changes of the pair are not lost in the rounding of large entries.
    """
    if len(set(pair)) != 2 or not all(0 <= i < len(rows) for i in pair):
        raise ValueError(f"pair must be two of the {len(rows)} objectives, got {pair}")
    chosen = rows[list(pair)]
    if np.linalg.matrix_rank(chosen, tol=1e-6 * np.abs(chosen).max()) < 2:
        raise ValueError(
            f"the gradients of objectives {pair} at x span no plane to turn one in: give another x"
        )
    axes, _ = np.linalg.qr(np.hstack([chosen.T, np.eye(rows.shape[1])]))
    turned = rows @ axes
    turned[pair[0], 1:] = 0
    return np.asarray(turned * np.sign(turned[pair[0], 0]))
