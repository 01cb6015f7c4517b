"""How fast a method's weights move where two gradients are nearly collinear."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._changes import STEP, Changes
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import check_method
from moo.diagnostics.theory._plane import in_plane_of
from moo.problems import Problem

_ABOVE = 64  # units in the last place, which changes exceed, so that constants from 1/8 on are seen


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
    angles: Sequence[float] = (0.3, 0.1, 0.03),
    pair: tuple[int, int] = (0, 1),
    opposite: bool = False,
    ratio: ArrayLike | None = None,
    trials: int = 64,
    repeats: int = 8,
    warmup: int = 0,
) -> WeightSensitivity:
    r"""Estimate the Lipschitz constant of a method's weights near collinear gradients.

    Of the exact gradients at x, the second of the pair is turned in the plane of both (of collinear
    ones, in any that holds them) until it is at an angle $\alpha$ to the first, or to its opposite:
    the largest
    $\|w(J + E) - w(J)\| \, \|g_1\| / \|E\|$ over random changes E of both in that plane, of
    length $\|g_1\| \alpha^2 / 100$. The gradients are written in axes of that plane, which is no
    matter for methods that see their Gramian. Of two equal gradients $\alpha$ apart one takes all
    the min-norm weight as soon as it is shorter by $\alpha^2 / 2$, so that for MGDA at equal
    lengths it grows like $1 / \alpha^2$, and that of the direction like $1 / \alpha$.

    Args:
        problem: the problem; the gradients of its expected losses count.
        method: an aggregator whose state has the `weights` of its step, or `multipliers`.
        x: the point, (d,).
        key: a typed key.
        angles: in (0, pi); from .03 on in float32.
        pair: the two objectives whose gradients are brought together.
        opposite: whether they become nearly opposite rather than nearly equal.
        ratio: the second's length over the first's, positive, one or one an angle; None keeps
            both lengths.
        trials: changes, of which the largest effect counts: an estimate from below.
        repeats: such maxima an angle, at least 2, for mean, error and interval.
        warmup: steps on the same gradients before the one that counts, for methods that remember.

    Returns:
        Estimates by angle and the power of their growth.

    Raises:
        TypeError: if the method is no aggregator.
        ValueError: if an argument is out of range, the method has no weights, an angle is too small
            for the dtype, or the gradients at x are not finite, 0, or so short or long that the
            dtype does not hold their changes.

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
    check_method(method)
    _check_range(angles, ratio, trials, repeats)
    at = jnp.asarray(x, dtype=float)
    if at.shape != (problem.dim,):
        raise ValueError(f"x must be ({problem.dim},), got {at.shape}")
    if STEP * min(angles) ** 2 < _ABOVE * float(jnp.finfo(at.dtype).eps):
        raise ValueError(
            f"an angle of {min(angles):g} asks for changes within the rounding of {at.dtype}: "
            "give larger angles, or enable 64-bit types"
        )
    exact = np.asarray(jax.jacobian(problem.objectives)(at), float)
    turned = in_plane_of(exact, pair, keep_second=ratio is None)
    reach = turned[pair[0], 0].item()
    length = np.linalg.norm(turned[pair[1]]) if ratio is None else np.multiply(ratio, reach)
    lengths = np.broadcast_to(length, len(angles))
    _check_lengths({pair[0]: reach, pair[1]: lengths.min()}, min(angles), at.dtype)
    changes = Changes(method, jnp.asarray(turned, at.dtype), pair, opposite, trials, warmup)
    keys = jax.random.split(key, (repeats, len(angles)))
    every = jax.vmap(jax.vmap(changes.largest), (None, None, 0))
    found = jax.jit(every)(jnp.asarray(angles, at.dtype), jnp.asarray(lengths, at.dtype), keys)
    weights, directions = (np.asarray(one, float) for one in found)
    error = weights.std(axis=0, ddof=1) / np.sqrt(repeats)
    return WeightSensitivity(
        np.asarray(angles), weights, directions, error, fit_power(angles, weights)
    )


def _check_range(
    angles: Sequence[float], ratio: ArrayLike | None, trials: int, repeats: int
) -> None:
    if not len(angles) or not all(0 < angle < np.pi for angle in angles):
        raise ValueError(f"angles must be one or more in (0, pi), got {list(angles)}")
    if ratio is not None:
        given = np.asarray(ratio, float)
        if given.shape not in ((), (len(angles),)) or not ((given > 0) & (given < np.inf)).all():
            raise ValueError(
                f"ratio must be positive, a number or one for each of {len(angles)} angles, "
                f"got {ratio}"
            )
    for name, value, least in (("trials", trials, 1), ("repeats", repeats, 2)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")


def _check_lengths(lengths: dict[int, float], angle: float, dtype: jnp.dtype) -> None:
    """Refuse gradients whose changes, squared, the dtype does not hold."""
    kind = jnp.finfo(dtype)
    least, most = float(kind.tiny) ** 0.5 / (STEP * angle**2), float(kind.max) ** 0.5
    for i, length in lengths.items():
        if not least < length < most:
            raise ValueError(
                f"the gradients of the pair must have lengths from {least:.0e} to {most:.0e} in "
                f"{dtype}, got {length:.2g} of objective {i}: scale the losses"
            )
