"""How long one training step of every method takes to trace and to compile."""

import time
from typing import Any

import jax
import jax.numpy as jnp
import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show

M, WIDTH, BATCH = 8, 64, 24
TARGET = 3.0


def compile_times(names: tuple[str, ...] = ()) -> None:
    """Print the seconds that each method's step takes to compile, the slowest first.

    Args:
        names: methods; all of `METHODS` if none are given.
    """
    jax.jit(jnp.sin).lower(jnp.ones(3)).compile()  # the first compilation starts the compiler
    times = {name: _seconds(name) for name in names or moo.aggregators.METHODS}
    ordered = sorted(times.items(), key=lambda item: -sum(item[1]))
    rows = [
        (name, f"{traced:.2f}", f"{compiled:.2f}", "" if traced + compiled < TARGET else "above")
        for name, (traced, compiled) in ordered
    ]
    note = (
        f"A step of {M} quadratic objectives of {WIDTH} parameters, with sgd, on "
        f"{jax.devices()[0].platform}; target: {TARGET:g} s together."
    )
    columns = ("method", "trace s", "compile s", "target")
    show(Table("Compilation of a step", columns, rows, note), Console(width=100))


def _seconds(name: str) -> tuple[float, float]:
    """Return the times of tracing with lowering, and of compiling."""
    tx = moo.optimizer(name, optax.sgd(1e-2), num_objectives=M)
    step = moo.make_step(_objectives, tx, batched=(True,))
    params, batch = jnp.ones(WIDTH), jax.random.normal(jax.random.key(0), (BATCH, M, WIDTH))
    needs = moo.aggregators.METHODS[name].extras
    given: dict[str, Any] = {"variance": jnp.ones((M, 1))} if "variance" in needs else {}
    state = tx.init(params)
    started = time.perf_counter()
    lowered = jax.jit(step).lower(params, state, batch, **given)
    traced = time.perf_counter()
    lowered.compile()
    return traced - started, time.perf_counter() - traced


def _objectives(params: Any, batch: Any) -> Any:
    """Return mean squared distances to the batch's rows, one set an objective."""
    return 1 + jnp.mean((params - batch) ** 2, axis=(0, 2))
