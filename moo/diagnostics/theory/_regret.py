"""The regret of a method that meets a new batch of losses in every round."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._along import follow
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import Step, batch_losses, check_stochastic
from moo.problems import Problem


class Regret(NamedTuple):
    """Regret by seed and number of rounds.

    Attributes:
        rounds: (H,).
        regret: (seeds, H).
        fit: the power of the rounds by which it grows: below 1, no fixed point beats the method in
            the long run.
    """

    rounds: np.ndarray
    regret: np.ndarray
    fit: Fit


def regret(
    problem: Problem,
    method: Callable[[int], Aggregator],
    *,
    rate: Callable[[int], float],
    key: Array,
    comparators: ArrayLike,
    rounds: Sequence[int] = (100, 316, 1000, 3162),
    seeds: int = 10,
    batch_size: int = 1,
    start: ArrayLike | None = None,
) -> Regret:
    r"""Measure regret against the best fixed point of some comparators.

    $R(T) = \max_{x^*} \sum_{t \le T} \min_i \big( f_{t,i}(x_t) - f_{t,i}(x^*) \big)$: in every
    round the objective counts that the method does best on, so that a method pays only where one
    point was better on all of them. It may be negative.

    Args:
        problem: a stochastic problem; a round's losses are those of a batch.
        method: rounds -> aggregator.
        rate: rounds -> step size, constant over the rounds.
        key: a typed key; seed s of any method sees the same rounds.
        comparators: (n, d) points to be compared with, such as `problem.pareto_set(101)`.
        rounds: how many, each by runs of its own.
        seeds: runs each.
        batch_size: samples a round.
        start: the first point, (d,); None takes the problem's first.

    Returns:
        Regret by seed and rounds, with its fitted power.

    Raises:
        ValueError: if the problem is not stochastic, or the comparators do not fit.

    Example:
        >>> import jax, moo
        >>> problem = moo.problem("online_quadratics")
        >>> found = regret(problem, lambda rounds: moo.mean(2), rate=lambda rounds: rounds**-0.5,
        ...                key=jax.random.key(0), comparators=problem.pareto_set(5),
        ...                rounds=(10, 40), seeds=3)
        >>> found.regret.shape
        (3, 2)

    Source: own form, after Jiang et al., "Multi-objective online learning", ICLR 2023, of which
        the abstract was read.
    """
    check_stochastic(problem)
    others = jnp.asarray(comparators, dtype=float)
    if others.ndim != 2 or others.shape[1] != problem.dim:
        raise ValueError(f"comparators must be (n, {problem.dim}), got {others.shape}")
    first = jnp.asarray(problem.starts[0] if start is None else start, dtype=float)
    losses = batch_losses(problem)

    def run(key: Array, count: int) -> Array:
        def tally(step: Step) -> Array:
            there = jax.vmap(losses, (0, None))(others, step.keys)
            return (losses(step.x, step.keys) - there).min(axis=-1)

        _, kept = follow(
            problem, method(count), first,
            lambda t: jax.random.split(jax.random.fold_in(key, t), batch_size),
            steps=count, rate=rate(count), tally=tally,
        )  # fmt: skip
        return kept.sum(axis=0).max()

    keys, every = jax.random.split(key, seeds), jax.jit(jax.vmap(run, (0, None)), static_argnums=1)
    found = np.stack([np.asarray(every(keys, int(count)), float) for count in rounds], axis=-1)
    return Regret(np.asarray(rounds), found, fit_power(rounds, found))
