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
    steps: int, rate: float, tally: Callable[[Step], Any],
) -> Any:  # fmt: skip
    """Descend from one start, and return what was tallied at every step.

    Args:
        problem: a stochastic problem.
        method: the aggregator.
        start: (d,).
        keys: step -> keys (batch,) of its samples.
        steps: how many.
        rate: step size.
        tally: what is kept of a step, stacked over the steps.

    Returns:
        The last point, and what was kept.
    """

    def one(carry: tuple[Array, Any], t: Array) -> tuple[tuple[Array, Any], Any]:
        x, state = carry
        state, step = ask(problem, method, state, x, keys(t))
        return (x - rate * step.direction, state), tally(step)

    (x, _), kept = jax.lax.scan(one, (start, method.init(start)), jnp.arange(steps))
    return x, kept
