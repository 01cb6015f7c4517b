"""What a training step costs, against one forward and its backward passes in the same process."""

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show

WIDTH, DEPTH, BATCH, INPUTS = 256, 3, 2048, 256
SIZES = (2, 4, 8, 16)
METHODS = ("mean", "uncertainty", "famo", "pcgrad", "mgda", "cagrad", "imtl_g", "nash_mtl",
           "aligned_mtl", "upgrad", "dual_proj")  # fmt: skip


def step_cost(repeats: int = 20) -> None:
    """Print, for each method and number of objectives, its step's time and ratio to its floor.

    The floor of a method that weighs losses is a plain gradient step of the summed losses (and one
    forward after it for FAMO, which reads them again); of one that takes the Gramian, one forward
    and m backward passes. All timings of one size alternate
    in one process, and medians are shown.
    """
    rows = [row for m in SIZES for row in _measure(m, repeats)]
    note = (
        f"Trunk {DEPTH}×{WIDTH}, batch {BATCH}, float32, sgd; median of {repeats} alternating "
        "rounds. Floor: a plain gradient step (losses), one and a forward after it (losses "
        "twice: FAMO reads them again), or one forward and m backwards (gram)."
    )
    columns = ("method", "m", "needs", "step ms", "floor ms", "ratio")
    show(Table("Cost of a step", columns, rows, note), Console(width=120))


def _measure(m: int, repeats: int) -> list[tuple[str, ...]]:
    params, batch = _network(m)
    programs: dict[str, Callable[..., Any]] = {
        "losses": _compiled(lambda p, b: _plain_step(p, b), params, batch),
        "losses twice": _compiled(lambda p, b: (_plain_step(p, b), _after(p, b)), params, batch),
        "gram": _compiled(lambda p, b: _all_rows(p, b, m), params, batch),
    }
    for name in METHODS:
        tx = moo.optimizer(name, optax.sgd(1e-3), num_objectives=m)
        step, state = moo.make_step(_losses, tx), tx.init(params)
        programs[name] = _compiled(
            lambda p, b, step=step, state=state: step(p, state, b), params, batch
        )
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(repeats):
        for name, program in programs.items():
            started = time.perf_counter()
            jax.block_until_ready(program(params, batch))
            times[name].append(time.perf_counter() - started)
    median = {name: 1e3 * float(np.median(values)) for name, values in times.items()}
    return [_row(name, m, median) for name in METHODS]


def _row(name: str, m: int, median: dict[str, float]) -> tuple[str, ...]:
    needs = moo.aggregators.METHODS[name].needs
    needs = "losses twice" if name == "famo" else needs
    floor = median[needs]
    ratio = median[name] / floor
    return name, str(m), needs, f"{median[name]:.1f}", f"{floor:.1f}", f"{ratio:.2f}"


def _network(m: int) -> tuple[Any, Any]:
    keys = jax.random.split(jax.random.key(0), DEPTH + 3)
    widths = [INPUTS] + [WIDTH] * DEPTH
    trunk = [
        jax.random.normal(key, (a, b)) / jnp.sqrt(a)
        for key, a, b in zip(keys[:DEPTH], widths[:-1], widths[1:], strict=True)
    ]
    head = jax.random.normal(keys[-3], (WIDTH, m)) / jnp.sqrt(WIDTH)
    x = jax.random.normal(keys[-2], (BATCH, INPUTS))
    return {"trunk": trunk, "head": head}, (x, jax.random.normal(keys[-1], (BATCH, m)))


def _losses(params: Any, batch: Any) -> Any:
    hidden, target = batch
    for kernel in params["trunk"]:
        hidden = jax.nn.relu(hidden @ kernel)
    return ((hidden @ params["head"] - target) ** 2).mean(axis=0)


def _plain_step(params: Any, batch: Any) -> Any:
    gradient = jax.grad(lambda p: _losses(p, batch).sum())(params)
    return jax.tree.map(lambda p, g: p - 1e-3 * g, params, gradient)


def _after(params: Any, batch: Any) -> Any:
    return _losses(_plain_step(params, batch), batch)


def _all_rows(params: Any, batch: Any, m: int) -> Any:
    losses, pull = jax.vjp(lambda p: _losses(p, batch), params)
    return losses, [pull(row) for row in jnp.eye(m, dtype=losses.dtype)]


def _compiled(function: Callable[..., Any], *args: Any) -> Callable[..., Any]:
    program = jax.jit(function).lower(*args).compile()
    jax.block_until_ready(program(*args))
    return program
