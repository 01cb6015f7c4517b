"""How fast a method's weights move where two gradients are nearly collinear."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._state import find
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import constant_jacobian, settle

_STEP = 1e-2  # of the squared angle, over which min-norm weights turn: kinks count, jumps do not


class WeightSensitivity(NamedTuple):
    """Lipschitz estimates by angle.

    Attributes:
        angles: (A,), radians between the two gradients, or from opposition.
        weights: (A,), the largest change of the weights per unit change of a gradient.
        directions: (A,), that of the direction.
        fit: the power of the angle by which the weights' grows, without an interval: near 0 where
            it is bounded, NaN where they do not move.
    """

    angles: np.ndarray
    weights: np.ndarray
    directions: np.ndarray
    fit: Fit


def weight_sensitivity(
    method: Aggregator,
    *,
    key: Array,
    angles: Sequence[float] = (0.3, 0.1, 0.03, 0.01),
    opposite: bool = False,
    ratio: float = 1.0,
    trials: int = 64,
    warmup: int = 0,
) -> WeightSensitivity:
    r"""Estimate the Lipschitz constant of a method's weights near collinear gradients.

    At $g_1 = e_1$ and $g_2 = r (\cos\alpha\, e_1 + \sin\alpha\, e_2)$, or its mirror image
    $-r (\cos\alpha\, e_1 - \sin\alpha\, e_2)$: the largest $\|w(J + E) - w(J)\| / \|E\|$ over
    random E of length $\alpha^2 / 100$. Of two equal gradients $\alpha$ apart one takes all the
    min-norm weight as soon as it is shorter by $\alpha^2 / 2$, so that for MGDA at equal lengths
    it grows like $1 / \alpha^2$, and that of the direction like $1 / \alpha$.

    Args:
        method: an aggregator of two objectives.
        key: a typed key.
        angles: positive angles, decreasing.
        opposite: whether the gradients are nearly opposite rather than nearly equal.
        ratio: the length of the second gradient.
        trials: perturbations an angle.
        warmup: steps on the same gradients before the one that counts, for methods that remember.

    Returns:
        Estimates by angle and the power of their growth.

    Raises:
        ValueError: if the method has not two objectives or reports no weights, or an angle is not
            positive.

    Example:
        >>> import jax, moo
        >>> found = weight_sensitivity(moo.mgda(2), key=jax.random.key(0))
        >>> abs(found.fit.exponent + 2) < 0.1
        True
        >>> weight_sensitivity(moo.mean(2), key=jax.random.key(0)).weights.max().item()
        0.0

    Source: own; Lipschitz weights are an assumption of Fernando et al., MoCo, ICLR 2023, which
        plain min-norm weights do not meet.
    """
    if method.num_objectives != 2:
        raise ValueError(f"method must have 2 objectives, got {method.num_objectives}")
    if min(angles) <= 0:
        raise ValueError(f"angles must be positive, got {list(angles)}")
    x = jnp.zeros(3)

    def answer(rows: Array) -> tuple[Array, Array]:
        v, state = settle(method, constant_jacobian(rows, x), x, warmup)
        weights = find(state, "weights")
        if weights is None:
            raise ValueError("method must report weights")
        return weights, v

    def largest(angle: Array, key: Array) -> tuple[Array, Array]:
        sign = -1.0 if opposite else 1.0
        second = ratio * jnp.stack([sign * jnp.cos(angle), jnp.sin(angle), jnp.zeros(())])
        rows, size = jnp.stack([jnp.eye(3)[0], second]), _STEP * angle**2
        noise = jax.random.normal(key, (trials, 2, 3))
        noise = size * noise / jnp.sqrt(jnp.sum(noise**2, axis=(1, 2), keepdims=True))
        weights, v = answer(rows)
        moved, turned = jax.vmap(answer)(rows + noise)

        def most(change: Array) -> Array:
            return jnp.max(jnp.linalg.norm(change, axis=1)) / size

        return most(moved - weights), most(turned - v)

    keys = jax.random.split(key, len(angles))
    found = jax.jit(jax.vmap(largest))(jnp.asarray(angles, dtype=float), keys)
    weights, directions = (np.asarray(one, float) for one in found)
    return WeightSensitivity(np.asarray(angles), weights, directions, fit_power(angles, weights))
