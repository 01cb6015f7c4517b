"""One answer of moo for one Jacobian: the direction, and the weights where it has some."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import moo
from benchmarks.peers.cases import LOSSES, halves


class Answer(NamedTuple):
    """A direction v, shape (d,), and its weights, shape (m,), or None; in float64."""

    v: np.ndarray
    weights: np.ndarray | None


Answers = Callable[[np.ndarray], list[Answer]]
Jacobian = Callable[[jax.Array], Any]


def given(J: jax.Array) -> Any:
    """Give the matrix itself."""
    return moo.stacked_jacobian(J, losses=jnp.asarray(LOSSES[: len(J)]))


def linear(J: jax.Array) -> Any:
    """Give linear losses, for a method that evaluates them elsewhere."""
    return moo.jacobian(lambda x: J @ x + LOSSES[: len(J)], jnp.zeros_like(J[0]))


def batches(J: jax.Array) -> Any:
    """Give linear losses on two batches of one sample each, whose mean is J."""

    def losses(x: jax.Array, rows: jax.Array) -> jax.Array:
        return (rows @ x + LOSSES[: len(J)]).mean(axis=0)

    return moo.jacobian(losses, jnp.zeros_like(J[0]), jnp.stack(halves(J)), batched=(True,))


def on_ray(J: jax.Array) -> Any:
    """Give linear losses of a model that is asked for the ray of equal shares."""
    ray = jnp.full((1, len(J)), 1 / len(J), J.dtype)
    return moo.ray_jacobian(lambda x, ray: J @ x + LOSSES[: len(J)], jnp.zeros_like(J[0]), ray)


def of_moo(aggregator: Any, jacobian: Jacobian = given) -> Answers:
    """Answer by an aggregator of moo: one compiled program for a whole stack."""

    def one(J: jax.Array) -> tuple[jax.Array, jax.Array]:
        v, state = aggregator.update(jacobian(J), aggregator.init(J[0]), J[0] * 0)
        weights = moo.find(state, "weights") if aggregator.linear else None
        return v, jnp.full(len(J), jnp.nan) if weights is None else weights.reshape(len(J))

    run = jax.jit(jax.vmap(one))

    def answers(stack: np.ndarray) -> list[Answer]:
        pairs = zip(*(np.asarray(x, np.float64) for x in run(stack)), strict=True)
        return [Answer(v, w if np.isfinite(w).all() else None) for v, w in pairs]

    return answers
