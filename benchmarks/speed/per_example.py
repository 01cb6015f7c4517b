"""An objective an example, m = batch = 256, beside TorchJD's autogram."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from benchmarks.speed._alternate import alternate, cores, ratio
from benchmarks.speed._result import Result, result, table
from benchmarks.speed._trunk import DEPTH, RATE, Data, Shape, draw, jax_arrays, stepper

SHAPE, SMALL = Shape(256, 256, 1), Shape(16, 8, 1)
ENGINE = "engine"  # the Gramian, and the combination with equal weights: no solver
WAYS = (ENGINE, "imtl_g", "mgda", "upgrad")
ROUNDS = 5
_MODULE = "benchmarks.speed.per_example"
_PEAK = "VmHWM:"
Step = tuple[Callable[[], Any], float]  # the next step, and the seconds of compilation


def per_example(*, small: bool = False) -> Result:
    """Measure the times in turns, and the memory in a process of each package's own."""
    data = draw(SMALL if small else SHAPE)
    rows, ratios = [], {}
    for way in WAYS[: 1 if small else None]:
        (ours, compilation), (theirs, _) = _moo(data, way), _torchjd(data, way)
        times = alternate({"moo": ours, "TorchJD": theirs}, ROUNDS)
        ratios[way] = ratio(times["TorchJD"], times["moo"])
        shown = (f"{1e3 * np.median(times[name]):.3g}" for name in ("moo", "TorchJD"))
        rows.append((way, *shown, str(ratios[way]), f"{compilation:.1f}"))
    memory = {name: _peak(name, small) for name in PACKAGES}
    title = f"Step with m = batch = {len(data.inputs)}, MLP {DEPTH}×{data.inputs.shape[1]}"
    columns = ("step", "moo ms", "TorchJD ms", "ratio", "compilation s")
    peaks = table("Memory of steps of the engine alone", ("package", "MB"),
                  [(name, f"{size:.0f}") for name, size in memory.items()])  # fmt: skip
    values = {"speed": ratios[ENGINE].median, "memory": memory["moo"] / memory["TorchJD"]}
    return result(values, [table(title, columns, rows), peaks], (), [_NOTE])


def _losses(kernels: Any, inputs: Any, targets: Any) -> Any:
    """Return the squared error of every example, (n,)."""
    hidden = inputs
    for kernel in kernels[:-1]:
        hidden = jax.nn.relu(hidden @ kernel)
    return ((hidden @ kernels[-1] - targets) ** 2)[:, 0]


def _jacobian(params: Any, *batch: Any) -> Any:
    return moo.per_example_jacobian(_losses, params, *batch)


def _moo(data: Data, way: str) -> Step:
    m = len(data.inputs)
    tx = optax.sgd(RATE) if way == ENGINE else moo.optimizer(
        way, optax.sgd(RATE), num_objectives=m)  # fmt: skip

    def step(params: Any, state: Any, *batch: Any) -> Any:
        jac, gram = _jacobian(params, *batch), None
        if way == ENGINE:
            jac = jac.materialize()
            gram, jac = jac.gram().matrix, jac.combine(jnp.full(m, 1 / m))
        updates, state = tx.update(jac, state, params)
        return optax.apply_updates(params, updates), state, gram

    params, batch = jax_arrays(data)
    started = time.perf_counter()
    program = jax.jit(step, donate_argnums=(0, 1)).lower(params, tx.init(params), *batch).compile()
    compilation = time.perf_counter() - started
    return stepper(program, tx, data), compilation


def _torchjd(data: Data, way: str) -> Step:
    import torch
    from torchjd.autogram import Engine

    from benchmarks.speed._torchjd_steps import AGGREGATORS, torch_model

    torch.set_num_threads(cores())
    m = len(data.inputs)
    model, inputs, targets = torch_model(data)
    optimizer, engine = torch.optim.SGD(model.parameters(), lr=RATE), Engine(model, batch_dim=0)
    equal = torch.full((m,), 1 / m)
    weigh = (lambda gramian: equal) if way == ENGINE else AGGREGATORS[way](m).gramian_weighting

    def step() -> None:
        losses = (model(inputs) - targets).square()[:, 0]
        losses.backward(weigh(engine.compute_gramian(losses)))
        optimizer.step()
        optimizer.zero_grad()

    return step, 0.0


PACKAGES: dict[str, Callable[[Data, str], Step]] = {"moo": _moo, "TorchJD": _torchjd}


def _peak(name: str, small: bool) -> float:
    """Return the megabytes that a fresh process takes at the peak of three steps."""
    command = [sys.executable, "-m", _MODULE, name, "small" if small else "full"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(name: str, size: str) -> None:
    """Print the peak of memory during steps, above what parameters and batch leave resident."""
    data = draw(SMALL if size == "small" else SHAPE)
    jax.block_until_ready(jnp.ones(2) + 1)
    step, _ = PACKAGES[name](data, ENGINE)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = _resident()
    for _ in range(3):
        step()
    print(_resident() - before)


def _resident() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith(_PEAK)).split()[1]) / 1e3


_NOTE = (
    "float32, SGD, all cores each. moo: `per_example_jacobian`; TorchJD: `Engine(model, "
    "batch_dim=0)`, the weighting on its Gramian, one backward pass of the weighted losses, as its "
    "documentation has it. *engine* takes the Gramian and then equal weights, so that no solver is "
    "in it; the bars are on it. The others solve for their weights as well, each package to its "
    "own tolerance: TorchJD's MGDA ends after 100 steps of Frank-Wolfe, without a certificate. "
    "Memory: the peak resident size of a fresh process over three steps, above that before them, "
    "with model and batch at hand and the program compiled; 1 MB is 1e6 bytes, read from /proc."
)


if __name__ == "__main__":
    main(*sys.argv[1:])
