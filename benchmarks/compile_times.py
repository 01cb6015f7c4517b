"""How long one training step of every method takes to trace and to compile."""

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show
from moo.aggregators import METHODS, SETS

M, WIDTH, BATCH = 8, 64, 24
SOLUTIONS = 3
LARGEST = {"hv_gradient": 3}
TARGET = 3.0


class Program(NamedTuple):
    """One training step, and what it is traced with."""

    step: Callable[..., Any]
    arguments: tuple[Any, ...]
    extras: Mapping[str, Any]


def compile_times(names: tuple[str, ...] = ()) -> None:
    """Print the seconds that each method's step takes to compile, the slowest first.

    Args:
        names: methods; all of `METHODS` and `SETS` if none are given.
    """
    jax.jit(jnp.sin).lower(jnp.ones(3)).compile()  # the first compilation starts the compiler
    times = {name: _seconds(name) for name in names or METHODS | SETS}
    ordered = sorted(times.items(), key=lambda item: -sum(item[1]))
    rows = [
        (name, f"{traced:.2f}", f"{compiled:.2f}", "" if traced + compiled < TARGET else "above")
        for name, (traced, compiled) in ordered
    ]
    note = (
        f"A step of {M} quadratic objectives of {WIDTH} parameters, with sgd, on "
        f"{jax.devices()[0].platform}; sets have {SOLUTIONS} solutions or rays, hv_gradient "
        f"{LARGEST['hv_gradient']} objectives; target: {TARGET:g} s together."
    )
    columns = ("method", "trace s", "compile s", "target")
    show(Table("Compilation of a step", columns, rows, note), Console(width=100))


def _seconds(name: str) -> tuple[float, float]:
    """Return the times of tracing with lowering, and of compiling."""
    step, arguments, extras = _of_set(name) if name in SETS else _of_one(name)
    started = time.perf_counter()
    lowered = jax.jit(step).lower(*arguments, **extras)
    traced = time.perf_counter()
    lowered.compile()
    return traced - started, time.perf_counter() - traced


def _of_one(name: str) -> Program:
    """Return the step of a method of one solution."""
    tx = moo.optimizer(name, optax.sgd(1e-2), num_objectives=M)
    params, needs = jnp.ones(WIDTH), METHODS[name].extras
    extras = {"variance": jnp.ones((M, 1))} if "variance" in needs else {}
    step = moo.make_step(_objectives, tx, batched=(True,))
    return Program(step, (params, tx.init(params), _batch(M)), extras)


def _of_set(name: str) -> Program:
    """Return the step of a method of sets, which `make_step` does not build."""
    m = LARGEST.get(name, M)
    draw = jax.random.uniform(jax.random.key(1), (SOLUTIONS, m))
    asked = inspect.signature(getattr(moo, name)).parameters
    by_rays = "num_rays" in asked
    given = {"num_rays": SOLUTIONS} if by_rays else {}
    given |= {"preferences": draw} if "preferences" in asked else {}
    tx = moo.optimizer(name, optax.sgd(1e-2), num_objectives=m, **given)
    params, model = _manifold(m) if by_rays else (jnp.ones((SOLUTIONS, WIDTH)), _objectives)

    def step(params: Any, state: Any, batch: Any) -> tuple[Any, Any]:
        if by_rays:
            jac = moo.ray_jacobian(model, params, draw, batch)
        else:
            jac = moo.population_jacobian(model, params, batch)
        updates, state = tx.update(jac, state, params)
        return optax.apply_updates(params, updates), state

    return Program(step, (params, tx.init(params), _batch(m)), {})


def _manifold(m: int) -> tuple[Any, Callable[..., Any]]:
    """Return the parameters of a low-rank manifold and its objectives, which serve every method."""
    params = moo.low_rank_params(jnp.ones((1, WIDTH)), m, 1, jax.random.key(2))
    return params, moo.low_rank_manifold(lambda matrix, batch: _objectives(matrix[0], batch))


def _batch(m: int) -> jax.Array:
    return jax.random.normal(jax.random.key(0), (BATCH, m, WIDTH))


def _objectives(params: Any, batch: Any) -> Any:
    """Return mean squared distances to the batch's rows, one set an objective."""
    return 1 + jnp.mean((params - batch) ** 2, axis=(0, 2))
