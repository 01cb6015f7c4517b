"""Runs of a method on a stochastic problem, measured by the exact gradients on the way."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._noise import Step, ask
from moo.problems import Problem

Scheduled = Aggregator | Callable[[Array], Aggregator]
Rate = ArrayLike | Callable[[Array], ArrayLike]


def at_horizon(method: Scheduled) -> Callable[[Array], Aggregator]:
    """Return horizon -> aggregator of either.

    Raises:
        TypeError: if it is neither an aggregator nor a function.
    """
    if isinstance(method, Aggregator):
        return lambda _: method
    if not callable(method):
        raise TypeError(
            "method must be an aggregator such as moo.mgda(2), or a function of the horizon that "
            f"returns one, got {type(method).__name__}"
        )
    return method


def check_lengths(name: str, values: Sequence[int], seeds: int) -> np.ndarray:
    """Return lengths of runs or sizes of samples, as an array.

    Raises:
        ValueError: if there is none, one is below 1, or there is no seed.
    """
    if not len(values) or min(values) < 1:
        raise ValueError(f"{name} must be one or more positive numbers, got {list(values)}")
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, got {seeds}")
    return np.asarray(values)


def step_size(rate: Rate) -> Callable[[Array], Array]:
    """Return horizon -> step size of a function of the horizon, or of a number."""
    return lambda horizon: jnp.asarray(rate(horizon) if callable(rate) else rate)


def follow(
    problem: Problem, method: Aggregator, start: Array, keys: Callable[[Array], Array], *,
    longest: int, steps: Array, rate: Array, tally: Callable[[Step], Any],
) -> Any:  # fmt: skip
    """Descend from one start, and return what was tallied on the way.

    Args:
        problem: a stochastic problem.
        method: the aggregator.
        start: (d,).
        keys: step -> keys (batch,) of its samples.
        longest: steps that the program takes, so that runs of any length share it.
        steps: how many of them count, (), at most as many.
        rate: step size, ().
        tally: what is added up over the steps that count.

    Returns:
        The point after these steps, and the sum.
    """

    def one(carry: Any, t: Array) -> tuple[Any, None]:
        x, state, total = carry
        state, step = ask(problem, method, state, x, keys(t))
        counts = t < steps
        total = jax.tree.map(lambda old, new: jnp.where(counts, old + new, old), total, tally(step))
        return (jnp.where(counts, x - rate * step.direction, x), state, total), None

    state = method.init(start)
    first = jax.eval_shape(
        lambda: tally(ask(problem, method, state, start, keys(jnp.zeros((), jnp.int32)))[1])
    )
    total = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), first)
    (x, _, total), _ = jax.lax.scan(one, (start, state, total), jnp.arange(longest))
    return x, total
