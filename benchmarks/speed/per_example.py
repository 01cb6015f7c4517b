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
METHOD = "upgrad"
ROUNDS = 7
_MODULE = "benchmarks.speed.per_example"
_PEAK = "VmHWM:"


def per_example(*, small: bool = False) -> Result:
    """Measure the time in turns, and the memory in a process of each package's own."""
    shape = SMALL if small else SHAPE
    steps = {name: PACKAGES[name](draw(shape)) for name in PACKAGES}
    times = alternate({name: step for name, (step, _) in steps.items()}, ROUNDS)
    memory = {name: _peak(name, small) for name in PACKAGES}
    speed = ratio(times["TorchJD"], times["moo"])
    rows = [
        (name, f"{1e3 * np.median(times[name]):.3g}", f"{memory[name]:.0f}", f"{compilation:.1f}")
        for name, (_, compilation) in steps.items()
    ]
    title = f"Step of {METHOD}, m = batch = {shape.batch}, MLP {DEPTH}×{shape.width}"
    notes = [f"TorchJD takes {speed} times as long. {_NOTE}"]
    columns = ("package", "ms a step", "MB at the peak, above the idle process", "compilation s")
    values = {"speed": speed.median, "memory": memory["moo"] / memory["TorchJD"]}
    return result(values, [table(title, columns, rows)], (), notes)


def _losses(kernels: Any, inputs: Any, targets: Any) -> Any:
    """Return the squared error of every example, (n,)."""
    hidden = inputs
    for kernel in kernels[:-1]:
        hidden = jax.nn.relu(hidden @ kernel)
    return ((hidden @ kernels[-1] - targets) ** 2)[:, 0]


def _moo(data: Data) -> tuple[Callable[[], Any], float]:
    """Return the next step, and the seconds of compilation."""
    params, batch = jax_arrays(data)
    m = len(data.inputs)
    tx = moo.optimizer(METHOD, optax.sgd(RATE), num_objectives=m)
    step = moo.make_step(_losses, tx, engine="vmap")
    started = time.perf_counter()
    state = tx.init(params)
    program = jax.jit(step, donate_argnums=(0, 1)).lower(params, state, *batch).compile()
    taken = time.perf_counter() - started
    return stepper(program, tx, data), taken


def _torchjd(data: Data) -> tuple[Callable[[], Any], float]:
    import torch
    from torchjd.aggregation import UPGradWeighting
    from torchjd.autogram import Engine

    from benchmarks.speed._torchjd_steps import torch_model

    torch.set_num_threads(cores())
    model, inputs, targets = torch_model(data)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    engine, weighting = Engine(model, batch_dim=0), UPGradWeighting()

    def step() -> None:
        losses = (model(inputs) - targets).square()[:, 0]
        losses.backward(weighting(engine.compute_gramian(losses)))
        optimizer.step()
        optimizer.zero_grad()

    return step, 0.0


PACKAGES: dict[str, Callable[[Data], tuple[Callable[[], Any], float]]] = {
    "moo": _moo,
    "TorchJD": _torchjd,
}


def _peak(name: str, small: bool) -> float:
    """Return the megabytes that a fresh process takes at the peak of three steps."""
    command = [sys.executable, "-m", _MODULE, name, "small" if small else "full"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(name: str, size: str) -> None:
    """Print the peak of memory during steps, above what parameters and batch leave resident."""
    data = draw(SMALL if size == "small" else SHAPE)
    jax.block_until_ready(jnp.ones(2) + 1)
    step, _ = PACKAGES[name](data)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = _resident()
    for _ in range(3):
        step()
    print(_resident() - before)


def _resident() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith(_PEAK)).split()[1]) / 1e3


_NOTE = (
    "float32, SGD, all cores each. TorchJD: `Engine(model, batch_dim=0)`, the weighting on its "
    "Gramian, one backward pass of the weighted losses, as its documentation has it. Memory: the "
    "peak resident size of a fresh process over three steps, above that before them, with model "
    "and batch at hand and the program compiled; 1 MB is 1e6 bytes, read from Linux's /proc."
)


if __name__ == "__main__":
    main(*sys.argv[1:])
