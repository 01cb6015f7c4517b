"""Runs of a method on a stochastic problem, measured by the exact gradients on the way."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._noise import Step, ask
from moo.problems import Problem


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
