"""The regret of a method that meets a new batch of losses in every round."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.diagnostics.theory._along import (
    Rate,
    Scheduled,
    at_horizon,
    check_lengths,
    follow,
    step_size,
)
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import Step, batch_losses, check_stochastic
from moo.problems import Problem


class Regret(NamedTuple):
    """Regret by seed and number of rounds.

    Attributes:
        rounds: (H,).
        regret: (seeds, H).
        fit: the power of the rounds by which it grows, where all seeds have a positive one: below
            1, none of the comparators is better in the long run.
    """

    rounds: np.ndarray
    regret: np.ndarray
    fit: Fit


def regret(
    problem: Problem,
    method: Scheduled,
    *,
    rate: Rate,
    key: Array,
    comparators: ArrayLike,
    rounds: Sequence[int] = (100, 316, 1000, 3162),
    seeds: int = 10,
    batch_size: int = 1,
    start: ArrayLike | None = None,
) -> Regret:
    r"""Measure regret against the best fixed point of some comparators.

    $R(T) = \max_{x^*} \min_i \sum_{t \le T} \big( f_{t,i}(x_t) - f_{t,i}(x^*) \big)$: what the
    best fixed point would have gained on every objective. With one objective it is the ordinary
    regret. It may be negative.

    Args:
        problem: a stochastic problem; a round's losses are those of a batch.
        method: an aggregator, or rounds, a traced number, -> aggregator.
        rate: the step size, or rounds -> step size, constant over the rounds.
        key: a typed key; seed s of any method sees the same rounds.
        comparators: (n, d) points to be compared with, such as `problem.pareto_set(101)`.
        rounds: how many, each by runs of its own, in one program.
        seeds: runs each.
        batch_size: samples a round.
        start: the first point, (d,); None takes the problem's first.

    Returns:
        Regret by seed and rounds, with its fitted power.

    Raises:
        TypeError: if the method is neither an aggregator nor a function.
        ValueError: if the problem is not stochastic, the comparators do not fit, or a number of
            rounds or seeds is not positive.

    Example:
        >>> import jax, moo
        >>> problem = moo.problem("online_quadratics")
        >>> found = regret(problem, moo.mean(2), rate=lambda rounds: rounds**-0.5,
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
    losses, lengths = batch_losses(problem), check_lengths("rounds", rounds, seeds)
    build, length = at_horizon(method), step_size(rate)

    def tally(step: Step) -> Array:
        return losses(step.x, step.keys) - jax.vmap(losses, (0, None))(others, step.keys)

    def run(key: Array, count: Array) -> Array:
        _, total = follow(
            problem, build(count), first,
            lambda t: jax.random.split(jax.random.fold_in(key, t), batch_size),
            longest=int(lengths.max()), steps=count, rate=length(count), tally=tally,
        )  # fmt: skip
        return jnp.asarray(total).min(axis=-1).max()

    every = jax.jit(jax.vmap(jax.vmap(run, (None, 0)), (0, None)))
    found = np.asarray(every(jax.random.split(key, seeds), jnp.asarray(lengths, float)), float)
    return Regret(lengths, found, fit_power(lengths, found))
