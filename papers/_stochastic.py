"""Runs on problems seen through noise, in batches that a method may split."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from papers._draws import directions

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]
Build = Callable[[Any], optax.GradientTransformation]


class Paths(NamedTuple):
    """Where runs ended (runs, d), what they passed (runs, kept, d), and what was tallied."""

    ends: Array
    points: Array
    tally: Any


def follow(
    problem: moo.problems.Problem, build: Build, starts: Array, steps: int,
    *, horizons: Array | None = None, batch: int = 1, kept: int = 1,
    tally: Callable[..., Any] | None = None, seed: int = 0,
) -> Paths:  # fmt: skip
    """Run a method with fresh noise at every step, all starts in one program.

    Args:
        problem: its objectives take a key.
        build: horizon of a run -> its optimizer.
        starts: (runs, d).
        steps: how many, a multiple of `kept`.
        horizons: (runs,) at most `steps`; beyond it nothing is tallied.
        batch: keys that a step averages over.
        kept: how many points of a path are returned.
        tally: (x, record, state, keys) -> what is summed over the steps.
        seed: of the noise; runs of the same index see the same.
    """
    count = tally or (lambda *_: jnp.zeros(()))

    def losses(x: jax.Array, keys: jax.Array) -> jax.Array:
        return jax.vmap(problem.objectives, (None, 0))(x, keys).mean(axis=0)

    def lane(start: jax.Array, key: jax.Array, horizon: jax.Array) -> Any:
        tx = build(horizon)
        step = moo.make_step(losses, tx, batched=(True,))

        def one(carry: Any, t: jax.Array) -> tuple[Any, None]:
            x, state, total = carry
            keys = jax.random.split(jax.random.fold_in(key, t), batch)
            new, state, record = step(x, state, keys)
            more = count(x, record, state, keys)
            return (new, state, jax.tree.map(lambda a, b: a + (t < horizon) * b, total, more)), None

        def chunk(carry: Any, times: jax.Array) -> tuple[Any, jax.Array]:
            carry, _ = jax.lax.scan(one, carry, times)
            return carry, carry[0]

        shapes = jax.eval_shape(lambda: count(start, *_first(step, tx, start, key, batch)))
        total = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
        times = jnp.arange(steps).reshape(kept, -1)
        (x, _, total), points = jax.lax.scan(chunk, (start, tx.init(start), total), times)
        return Paths(x, points, total)

    keys = jax.random.split(jax.random.key(seed), len(starts))
    horizons = np.full(len(starts), steps) if horizons is None else horizons
    found = jax.jit(jax.vmap(lane))(jnp.asarray(starts), keys, jnp.asarray(horizons))
    return jax.tree.map(np.asarray, found)


def _first(step: Any, tx: Any, start: jax.Array, key: jax.Array, batch: int) -> Any:
    keys = jax.random.split(key, batch)
    _, state, record = step(start, tx.init(start), keys)
    return record, state, keys


def averages(build: Build, horizons: Array, runs: int) -> Array:
    """Return the mean squared error |J'(w - w*)|^2 of the weights along a run, (runs, horizons).

    Args:
        build: horizon -> an optimizer on `noisy_quadratics`, whose state tells its weights.
        horizons: (count,), increasing.
        runs: how many a horizon; run r sees the same noise at every horizon.
    """
    problem = moo.problem("noisy_quadratics")
    lanes = np.repeat(horizons, runs)
    starts = np.resize(problem.starts[0], (len(lanes), problem.dim))

    def tally(x: jax.Array, record: Any, state: Any, keys: jax.Array) -> jax.Array:
        rows = jax.jacobian(problem.objectives)(x)
        weights = moo.aggregators.find(state, "multipliers")
        weights = record.weights if weights is None else weights
        return jnp.sum((rows.T @ (weights - nearest(rows))) ** 2)

    found = follow(problem, build, starts, int(horizons[-1]), horizons=lanes, tally=tally)
    return (found.tally / lanes).reshape(len(horizons), runs).T


def nearest(rows: Any) -> jax.Array:
    """Return the weights of the shortest vector between two rows (2, d), in closed form."""
    apart = rows[0] - rows[1]
    share = jnp.clip(-(rows[1] @ apart) / jnp.maximum(apart @ apart, 1e-30), 0, 1)
    return jnp.stack([share, 1 - share])


def slope(horizons: Array, errors: Array) -> float:
    """Return the slope of the mean error (runs, horizons) on log-log axes, by least squares."""
    return float(np.polyfit(np.log(horizons), np.log(errors.mean(axis=0)), 1)[0])


def pareto_rows(weight: float) -> Array:
    """Return the Jacobian (2, 10) of `noisy_quadratics` at the minimiser of a weighted sum."""
    curvature = np.linspace(0.1, 1.0, 10)
    curves, centre = np.stack([curvature, curvature[::-1]]), 1 / np.sqrt(10)
    weights = np.array([weight, 1 - weight])
    x = (weights * [centre, -centre]) @ curves / (weights @ curves)
    return curves * (x - np.array([[centre], [-centre]]))


def bias(method: str, rows: Array, draws: int, **options: Any) -> tuple[float, float]:
    """Return |E[v] - v*| under unit noise in every entry, and its Monte-Carlo error."""
    noise = np.random.default_rng(0).normal(size=(draws, *rows.shape))
    found = directions(method, rows + noise, **options)
    exact = directions(method, rows[None], **options)[0]
    away = found.mean(axis=0) - exact
    error = np.sqrt(found.var(axis=0).sum() / draws)
    return float(np.linalg.norm(away)), float(error)
