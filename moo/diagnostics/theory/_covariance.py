"""How much a method's weights follow the noise of the gradients that they multiply."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._noise import Step, batch_losses, check_method, check_stochastic, draw
from moo.problems import Problem


class WeightCovariance(NamedTuple):
    """The covariance of weights and gradients at one point.

    Attributes:
        same: (d,), E[v] - E[J]' E[w] with directions and weights of one batch.
        error: (d,), its Monte-Carlo standard error.
        other: (d,), E[J' w] - E[J]' E[w] with gradients of a second batch: 0 but for noise.
        other_error: (d,), its Monte-Carlo standard error.
        weights: (m,), the mean weights.
    """

    same: np.ndarray
    error: np.ndarray
    other: np.ndarray
    other_error: np.ndarray
    weights: np.ndarray


def weight_covariance(
    problem: Problem,
    method: Aggregator,
    x: ArrayLike,
    *,
    key: Array,
    batch_size: int = 6,
    draws: int = 4096,
    warmup: int = 0,
) -> WeightCovariance:
    r"""Measure the covariance of weights and gradients by two independent batches.

    $c = \mathbb E[v] - \mathbb E[\hat J]^\top \mathbb E[w]$, which is
    $\sum_i \operatorname{Cov}(w_i, \hat g_i)$ where $v = \hat J^\top w$: the bias that comes of
    using one batch twice. With weights of one batch and gradients of another it vanishes. Of
    methods that step along tracked gradients it has their lag too, and of those that step along a
    part of the batch whose other parts gave the weights it is 0.

    Args:
        problem: a stochastic problem.
        method: an aggregator whose state has the `weights` (m,) of its step, or `multipliers`.
        x: the point, (d,).
        key: a typed key.
        batch_size: samples in a batch; a multiple of 2 or 3 for methods that split it.
        draws: pairs of batches, at least 2.
        warmup: steps at the point before the one that counts, for methods that remember.

    Returns:
        Both covariances with their errors, and the mean weights.

    Raises:
        TypeError: if the method is no aggregator.
        ValueError: if the problem is not stochastic, `draws` is below 2, or the method has no
            weights.

    Example:
        >>> import jax, moo
        >>> problem = moo.problem("noisy_quadratics")
        >>> found = weight_covariance(
        ...     problem, moo.mgda(2), problem.starts[0], key=jax.random.key(0), batch_size=2)
        >>> bool(np.linalg.norm(found.same) > 10 * np.linalg.norm(found.error))
        True
        >>> bool(np.linalg.norm(found.other) < 3 * np.linalg.norm(found.other_error))
        True

    Source: own; the correlation is named by Liu and Vicente, "The stochastic multi-gradient
        algorithm for multi-objective optimization", Annals of Operations Research 2021.
    """
    check_stochastic(problem)
    check_method(method)
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}")
    point = jnp.asarray(x, dtype=float)

    rows_of = jax.jacobian(batch_losses(problem))

    def keep(step: Step, other: Array) -> tuple[Array, ...]:
        if step.weights is None:
            raise ValueError("method must report weights or multipliers (m,) in its state")
        return step.direction, step.weights, rows_of(step.x, step.keys), rows_of(step.x, other)

    @jax.jit
    def measure(key: Array) -> Any:
        return draw(
            problem, method, point, keep, batch=batch_size, draws=draws, warmup=warmup, key=key
        )

    v, weights, seen, other = (np.asarray(one, float) for one in measure(key))
    mean = weights.mean(axis=0)
    apart = weights - mean
    # The batch's gradients by the mean weights carry no covariance, but most of the noise of v.
    same = v - apart @ seen.mean(axis=0) - mean @ seen
    fresh = np.einsum("nm,nmd->nd", apart, other - other.mean(axis=0))
    return WeightCovariance(*_estimate(same), *_estimate(fresh), mean)


def _estimate(products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance, with n - 1 in place of n, and its standard error."""
    n = len(products)
    return products.sum(axis=0) / (n - 1), products.std(axis=0, ddof=1) / np.sqrt(n)
