"""Batches of a stochastic problem, and what a method makes of them at a point that is held."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from moo._jacobian import Jacobian, jacobian
from moo._types import Array, Objectives
from moo.aggregators._base import Aggregator
from moo.aggregators._state import find
from moo.problems import Problem

_PARTS = 6  # rows of a batch that stands for all: methods split theirs in two or in three


class Step(NamedTuple):
    """A step of a method before it is taken.

    Attributes:
        x: the point (d,).
        direction: (d,).
        weights: (m,), by which gradients were combined: those of the batch, of a part of it, or
            tracked ones; None where there are none.
        keys: the batch.
    """

    x: Array
    direction: Array
    weights: Array | None
    keys: Array


def batch_losses(problem: Problem) -> Objectives:
    """Return (x, keys) -> losses (m,), the mean over the keys of a batch."""

    def losses(x: Array, keys: Array) -> Array:
        return jax.vmap(problem.objectives, (None, 0))(x, keys).mean(axis=0)

    return losses


def exact_jacobian(problem: Problem, x: Array) -> Jacobian:
    """Return the Jacobian of the expected losses, of which every part of a batch is the whole."""
    return jacobian(lambda x, _: problem.objectives(x), x, jnp.zeros(_PARTS), batched=(True,))


def constant_jacobian(rows: Array, x: Array) -> Jacobian:
    """Return the Jacobian of losses of 1 with given gradients, of which every part is the whole."""

    def losses(at: Array, _: Array) -> Array:
        return 1 + rows @ (at - x)

    return jacobian(losses, x, jnp.zeros(_PARTS), batched=(True,))


def settle(method: Aggregator, jac: Jacobian, x: Array, warmup: int) -> tuple[Array, Any]:
    """Show a method one Jacobian again and again; return its last direction and state."""

    def step(state: Any, _: None) -> tuple[Any, Array]:
        v, state = method.update(jac, state, x)
        return state, v

    state, directions = jax.lax.scan(step, method.init(x), length=warmup + 1)
    return directions[-1], state


def ask(
    problem: Problem, method: Aggregator, state: Any, x: Array, keys: Array
) -> tuple[Any, Step]:
    """Let a method see a batch at a point, and return its new state and its step."""
    jac = jacobian(batch_losses(problem), x, keys, batched=(True,))
    v, state = method.update(jac, state, x)
    return state, Step(x, v, weights_of(method, state), keys)


def weights_of(method: Aggregator, state: Any) -> Array | None:
    """Return the weights of the last step: of the batch's gradients, else of what stood for them.

    A method that steps along tracked gradients, or those of a part of its batch, calls their
    weights multipliers.
    """
    for name in ("weights", "multipliers"):
        found: Array | None = find(state, name)
        if found is not None and found.shape == (method.num_objectives,):
            return found
    return None


def check_method(method: Aggregator) -> None:
    """Refuse what is no aggregator.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(method, Aggregator):
        raise TypeError(
            f"method must be an aggregator such as moo.mgda(2), got {type(method).__name__}"
        )


def check_stochastic(problem: Problem) -> None:
    """Refuse a problem without noise.

    Raises:
        ValueError: if it has none.
    """
    if not problem.stochastic:
        raise ValueError(f"problem must be stochastic, got {problem.name}, which ignores its key")


def draw(
    problem: Problem, method: Aggregator, x: Array, keep: Callable[[Step, Array], Any],
    *, batch: int, draws: int, warmup: int, key: Array,
) -> Any:  # fmt: skip
    """Hold a point, and let a method see fresh batches there.

    Args:
        problem: a stochastic problem.
        method: an aggregator; each draw has a state of its own.
        x: the point (d,).
        keep: (step, keys of a second batch, which the method did not see) -> what is returned.
        batch: samples in a batch.
        draws: how many, side by side in memory.
        warmup: steps at the point before the one that counts, for methods that remember.
        key: a typed key; draw i of any method sees the same batches.

    Returns:
        What was kept, with a leading axis of the draws.
    """

    def keys_of(key: Array, t: Array | int) -> Array:
        return jax.random.split(jax.random.fold_in(key, t), (2, batch))

    def one(key: Array) -> Any:
        def before(t: Array, state: Any) -> Any:
            return ask(problem, method, state, x, keys_of(key, t)[0])[0]

        state = jax.lax.fori_loop(0, warmup, before, method.init(x))
        seen, other = keys_of(key, warmup)
        return keep(ask(problem, method, state, x, seen)[1], other)

    return jax.vmap(one)(jax.random.split(key, draws))
