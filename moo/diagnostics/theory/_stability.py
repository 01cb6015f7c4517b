"""How far a run goes astray when one sample of its training set is another one."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._along import Rate, check_lengths, follow, step_size
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import check_method, check_stochastic
from moo.problems import Problem


class Stability(NamedTuple):
    """Distances of twin runs, and generalisation, by seed and size of the training set.

    Attributes:
        sizes: (N,), samples in the training set.
        distance: (seeds, N), between the ends of two runs that differ in one sample.
        generalisation: (seeds, N, m), expected losses less those of the training set at the end.
        fit: the power of the size by which the distance falls; -1 is that of uniform stability.
    """

    sizes: np.ndarray
    distance: np.ndarray
    generalisation: np.ndarray
    fit: Fit


def replacement_stability(
    problem: Problem,
    method: Aggregator,
    *,
    key: Array,
    rate: Rate,
    sizes: Sequence[int] = (16, 64, 256),
    steps: int = 500,
    seeds: int = 20,
    batch_size: int = 6,
    start: ArrayLike | None = None,
) -> Stability:
    r"""Measure the stability of a method to the replacement of one sample.

    A training set is n keys of the problem's noise. Two runs draw the same places of it in the
    same order; in the second run's set one sample is another one. The mean distance of their ends,
    times the losses' Lipschitz constant, bounds how far the losses on the training set are from the
    expected ones in the mean.

    Args:
        problem: a stochastic problem.
        method: the aggregator.
        key: a typed key; seed s of any method sees the same samples.
        rate: the step size, or size of the training set -> step size.
        sizes: samples in a training set, positive.
        steps: of a run.
        seeds: pairs of runs a size.
        batch_size: samples of a step, drawn with replacement.
        start: the first point, (d,); None takes the problem's first.

    Returns:
        Distances, generalisation, and the fitted power.

    Raises:
        TypeError: if the method is no aggregator.
        ValueError: if the problem is not stochastic, or a size or number of seeds not positive.

    Example:
        >>> import jax, moo
        >>> found = replacement_stability(
        ...     moo.problem("noisy_quadratics"), moo.mean(2), key=jax.random.key(0),
        ...     rate=0.1, sizes=(8, 512), steps=100, seeds=8)
        >>> bool(found.distance[:, 1].mean() < found.distance[:, 0].mean() / 4)
        True

    Source: own; stability and generalisation of multi-objective methods are the subject of Chen et
        al., "Three-way trade-off in multi-objective learning", NeurIPS 2023.
    """
    check_stochastic(problem)
    check_method(method)
    first = jnp.asarray(problem.starts[0] if start is None else start, dtype=float)
    most, length = int(check_lengths("sizes", sizes, seeds).max()), step_size(rate)

    def pair(key: Array, size: Array) -> tuple[Array, Array]:
        drawn, order = jax.random.split(key)
        samples = jax.random.split(drawn, most + 1)

        def end(samples: Array) -> Array:
            def keys(t: Array) -> Array:
                place = jax.random.uniform(jax.random.fold_in(order, t), (batch_size,))
                return samples[jnp.floor(place * size).astype(int)]

            x, _ = follow(
                problem, method, first, keys, longest=steps, steps=jnp.asarray(steps),
                rate=length(size), tally=lambda step: jnp.zeros(()),
            )  # fmt: skip
            return jnp.asarray(x)

        both = jax.vmap(end)(jnp.stack([samples[:most], samples[:most].at[0].set(samples[most])]))
        seen = jax.vmap(problem.objectives, (None, 0))(both[0], samples[:most])
        known = (jnp.arange(most) < size)[:, None]
        empirical = jnp.sum(jnp.where(known, seen, 0), axis=0) / size
        return jnp.linalg.norm(both[0] - both[1]), problem.objectives(both[0]) - empirical

    every = jax.jit(jax.vmap(jax.vmap(pair, (None, 0)), (0, None)))
    found = every(jax.random.split(key, seeds), jnp.asarray(sizes, float))
    distance, gaps = (np.asarray(one, float) for one in found)
    return Stability(np.asarray(sizes), distance, gaps, fit_power(sizes, distance))
