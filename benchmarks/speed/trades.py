"""Cheaper Gramians: what a step costs with them, and how far its direction is from the exact."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from benchmarks.speed._alternate import alternate, ratio
from benchmarks.speed._result import Result, result, table
from benchmarks.speed._sketches import sketches
from benchmarks.speed._trunk import Shape, draw, jax_arrays, objectives

SHAPE, SMALL = Shape(256, 2048, 8), Shape(8, 32, 2)
MANY = Shape(256, 2048, 64)
BASES = ("mgda", "upgrad")
STEPS, RATE, ROUNDS, BATCHES = 48, 0.05, 3, 8


class Way(NamedTuple):
    """A way to take a step: what gives the Jacobian, and the aggregator made of the exact one."""

    jacobian: Callable[..., Any]
    wrap: Callable[[moo.Aggregator], moo.Aggregator]


def _encode(kernels: Any, inputs: Any, targets: Any) -> Any:
    hidden = inputs
    for kernel in kernels[:-1]:
        hidden = jax.nn.relu(hidden @ kernel)
    return hidden


def _decode(kernels: Any, hidden: Any, inputs: Any, targets: Any) -> Any:
    return ((hidden @ kernels[-1] - targets) ** 2).mean(axis=0)


def _at_features(params: Any, *batch: Any) -> Any:
    return moo.feature_jacobian(_encode, _decode, params, *batch)


def _exact(params: Any, *batch: Any) -> Any:
    return moo.jacobian(objectives, params, *batch)


WAYS = {
    "exact": Way(_exact, lambda base: base),
    "every 4": Way(_exact, lambda base: moo.every_k(base, 4)),
    "every 16": Way(_exact, lambda base: moo.every_k(base, 16)),
    "at features": Way(_at_features, lambda base: base),
}


def trades(*, small: bool = False) -> Result:
    """Train by each way, and measure its directions beside the exact ones on the way."""
    shape, steps, bases = (SMALL, 3, BASES[:1]) if small else (SHAPE, STEPS, BASES)
    rows = [row for base in bases for row in _method(base, shape, steps)]
    columns = ("method, Gramian", "step ms", "exact's over it", "distance", "angle, degrees",
               "mean's distance")  # fmt: skip
    tables = [table("Cheaper Gramians", columns, rows),
              sketches((shape,) if small else (shape, MANY))]  # fmt: skip
    return result({}, tables, (), [_note(shape, steps)])


def _method(name: str, shape: Shape, steps: int) -> list[tuple[str, ...]]:
    base = moo.aggregator(name, num_objectives=shape.m)
    start, batches = _problem(shape)
    timed = {way: _training(WAYS[way], base, start, batches, steps) for way in WAYS}
    times = alternate(timed, 2 if steps < STEPS else ROUNDS)
    away = {way: _measured(WAYS[way], base, start, batches, steps) for way in WAYS}
    return [
        (f"{name}, {way}", f"{1e3 * np.median(times[way]) / steps:.3g}",
         str(ratio(times["exact"], times[way])), *_told(away[way]))
        for way in WAYS
    ]  # fmt: skip


def _problem(shape: Shape) -> tuple[list[jax.Array], tuple[jax.Array, jax.Array]]:
    """Return a trunk, and stacked batches whose targets are another trunk's outputs."""
    start, _ = jax_arrays(draw(shape))
    teacher, _ = jax_arrays(draw(shape, seed=1))
    inputs = jnp.stack([jnp.asarray(draw(shape, seed=2 + i).inputs) for i in range(BATCHES)])
    return start, (inputs, jax.vmap(lambda x: _encode(teacher, x, None) @ teacher[-1])(inputs))


def _training(way: Way, base: Any, start: Any, batches: Any, steps: int) -> Callable[[], Any]:
    """Return a call that trains."""
    tx = way.wrap(base)

    def step(carry: Any, t: Any) -> Any:
        params, state = carry
        v, state = tx.update(way.jacobian(params, *_batch(batches, t)), state, params)
        return (_descended(params, v), state), None

    def run(params: Any) -> Any:
        return jax.lax.scan(step, (params, tx.init(params)), jnp.arange(steps))[0][0]

    program = jax.jit(run).lower(start).compile()
    return lambda: jax.block_until_ready(program(start))


def _measured(way: Way, base: Any, start: Any, batches: Any, steps: int) -> np.ndarray:
    """Train again, and return the distances and cosines of the directions, (3, steps)."""
    tx = way.wrap(base)

    def step(carry: Any, t: Any) -> Any:
        params, state = carry
        batch = _batch(batches, t)
        v, state = tx.update(way.jacobian(params, *batch), state, params)
        jac = _exact(params, *batch)
        right, _ = base.update(jac, base.init(params), params)
        mean = jac.combine(jnp.full(base.num_objectives, 1 / base.num_objectives))
        size = optax.tree.norm(right)
        apart = [optax.tree.norm(jax.tree.map(jnp.subtract, one, right)) for one in (v, mean)]
        cosine = optax.tree.vdot(v, right) / (optax.tree.norm(v) * size)
        return (_descended(params, v), state), jnp.stack([apart[0] / size, cosine, apart[1] / size])

    run = jax.jit(lambda p: jax.lax.scan(step, (p, tx.init(p)), jnp.arange(steps))[1])
    return np.asarray(run(start)).T


def _batch(batches: Any, t: Any) -> Any:
    return tuple(part[t % BATCHES] for part in batches)


def _descended(params: Any, v: Any) -> Any:
    return jax.tree.map(lambda p, g: p - RATE * g, params, v)


def _told(away: np.ndarray) -> tuple[str, ...]:
    """Return means over steps: distance and angle of the direction, and the mean's distance."""
    distance, cosine, mean = away
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return f"{distance.mean():.2f}", f"{angle.mean():.1f}", f"{mean.mean():.2f}"


def _note(shape: Shape, steps: int) -> str:
    return (
        f"{shape}; {steps} steps of plain descent at {RATE:g} towards another trunk's outputs, on "
        f"{BATCHES} batches in turn. *every k*: `moo.every_k`, weights of every k-th step; *at "
        "features*: `moo.feature_jacobian`, the Gramian at the last hidden layer. Distance: "
        "‖v − v*‖ / ‖v*‖ from the direction v* of the exact Gramian of the same step, mean over "
        "the run; beside it, that of equal weights. What is cheaper is another method where this "
        "is large. *Sketched*: `Jacobian.sketched_gram`, whose forward passes do not grow with m; "
        "root mean squares over pairs and keys of a cosine's error and of the error that it tells."
    )
