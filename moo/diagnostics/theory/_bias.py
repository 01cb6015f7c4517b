"""How far a stochastic method's mean direction is from what it makes of the exact gradients."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import (
    check_method,
    check_stochastic,
    draw,
    exact_jacobian,
    settle,
)
from moo.metrics import interval
from moo.problems import Problem

_GROUPS = 10  # of draws, each left out once, for the interval of the exponent


class DirectionBias(NamedTuple):
    """The bias of a method's direction at one point, by batch size.

    Attributes:
        batch_sizes: (B,).
        bias: (B,), the length of the mean direction's error; Monte-Carlo noise is taken out of its
            square, so that it is 0 where noise explains all.
        error: (B,), the Monte-Carlo standard error of the mean direction.
        spread: (B,), the root mean squared distance of a direction from the mean.
        fit: the power of the batch size by which the bias falls, of the sizes where it exceeds
            twice its error, with a jackknife's interval; NaN where there are not two of them.
    """

    batch_sizes: np.ndarray
    bias: np.ndarray
    error: np.ndarray
    spread: np.ndarray
    fit: Fit


def direction_bias(
    problem: Problem,
    method: Aggregator,
    x: ArrayLike,
    *,
    key: Array,
    batch_sizes: Sequence[int] = (6, 24, 96, 384),
    draws: int = 4096,
    warmup: int = 0,
    target: Aggregator | None = None,
) -> DirectionBias:
    r"""Measure the bias of a stochastic method's direction at a point.

    $b = \| \mathbb E\, v(\hat J) - v^*(J) \|$ with $\hat J$ the Jacobian of a batch and $J$ that
    of the expected losses. Weights that follow the noise of the gradients they multiply make it
    differ from 0, and descent on it ends elsewhere.

    Args:
        problem: a stochastic problem.
        method: the aggregator.
        x: the point, (d,).
        key: a typed key.
        batch_sizes: samples in a batch, positive; multiples of 2 or 3 for methods that split it.
        draws: batches of each size, at least 10; the error falls with their square root.
        warmup: steps at the point before the one that counts, for methods that remember.
        target: whose direction is right; None takes the method itself on the exact Jacobian.

    Returns:
        Bias, its error and its decay.

    Raises:
        TypeError: if the method is no aggregator.
        ValueError: if the problem is not stochastic or `draws` is below 10.

    Example:
        >>> import jax, moo
        >>> problem = moo.problem("noisy_instance")
        >>> found = direction_bias(problem, moo.mgda(2), [1.5], key=jax.random.key(0),
        ...                        batch_sizes=(1,), draws=20_000)
        >>> exact, mean = 0.5, (7 * 0.5 - 3) / 12  # at x = 1.5; the problem's docstring
        >>> bool(abs(found.bias[0] - (exact - mean)) < 4 * found.error[0])
        True

    Source: own; the bias is that of Zhou et al., CR-MOGM, NeurIPS 2022, and of Fernando et al.,
        MoCo, ICLR 2023.
    """
    check_stochastic(problem)
    check_method(method)
    if draws < _GROUPS:
        raise ValueError(f"draws must be at least {_GROUPS}, got {draws}")
    point = jnp.asarray(x, dtype=float)
    right = target or method
    exact, _ = jax.jit(lambda: settle(right, exact_jacobian(problem, point), point, warmup))()

    def away(key: Array, batch: int) -> Array:
        found: Array = draw(
            problem, method, point, lambda step, _: step.direction - exact, batch=batch,
            draws=draws, warmup=warmup, key=key,
        )  # fmt: skip
        return found

    measure = jax.jit(away, static_argnums=1)
    found = [np.asarray(measure(key, size), float) for size in batch_sizes]
    error = np.array([np.sqrt(one.var(axis=0, ddof=1).sum() / draws) for one in found])
    bias = np.array([_length(one) for one in found])
    return DirectionBias(
        np.asarray(batch_sizes), bias, error, error * np.sqrt(draws),
        _decay(batch_sizes, found, bias > 2 * error),
    )  # fmt: skip


def _length(away: np.ndarray) -> float:
    """Return the length of the mean, with Monte-Carlo noise taken out of its square."""
    squared = (away.mean(axis=0) ** 2).sum() - away.var(axis=0, ddof=1).sum() / len(away)
    return float(np.sqrt(max(squared, 0.0)))


def _decay(sizes: Sequence[int], found: list[np.ndarray], clear: np.ndarray) -> Fit:
    """Fit the sizes whose bias is clear of noise; pseudo-values of groups give the interval."""
    if clear.sum() < 2:
        return Fit(np.nan, np.nan, np.nan)
    groups = [np.array_split(one, _GROUPS) for one, kept in zip(found, clear, strict=True) if kept]
    x = np.asarray(sizes)[clear]
    whole = fit_power(x, [_length(np.concatenate(parts)) for parts in groups]).exponent
    without = [
        fit_power(x, [_length(np.concatenate(parts[:k] + parts[k + 1 :])) for parts in groups])
        for k in range(_GROUPS)
    ]
    pseudo = _GROUPS * whole - (_GROUPS - 1) * np.array([one.exponent for one in without])
    mean, low, high, _ = interval(pseudo, method="t")
    return Fit(mean, low, high)
