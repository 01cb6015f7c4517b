"""A Gramian over 8 devices and over 2 processes, against one device, and what it moves.

Each run is a process of its own, as the number of devices is fixed when JAX starts.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo
from benchmarks.speed._alternate import alternate
from moo.parallel import communication, local_aggregates, place, shard_batch

ROOT = Path(__file__).resolve().parents[2]
M, WIDTH, BATCH, INPUTS = 4, 256, 2048, 64
SECONDS, ROUNDS = 300, 9  # a run takes a few


def devices() -> dict[str, float]:
    """Return differences from one device, and the bytes that each way of a step moves.

    Returns:
        figure -> value. A difference is the largest of an entry of the Gramian, relative to the
        norms of its two gradients; bytes are those of the results of collectives on one device;
        milliseconds are of a step of MGDA.
    """
    runs = {count: _run(num_devices=count) for count in (1, 2, 4, 8)}
    alone = runs[1]
    found: dict[str, float] = {"bytes of m gradients": 4.0 * M * alone["entries"]}
    found |= {f"ms of a step on {count} devices": run["ms"] for count, run in runs.items()}
    for name, run in {
        "8 devices": runs[8], "2 processes": _run(num_devices=1, processes=2)
    }.items():  # fmt: skip
        found[f"{name}: difference"] = _difference(run["gram"], alone["gram"])
        for program, traffic in run["moved"].items():
            for kind, (calls, size) in traffic.items():
                found[f"{name}: {program}, calls of {kind}"] = calls
                found[f"{name}: {program}, bytes of {kind}"] = size
    return found


def _difference(gram: list[list[float]], reference: list[list[float]]) -> float:
    one, two = np.array(gram, np.float64), np.array(reference, np.float64)
    norms = np.sqrt(np.diagonal(two))
    return float(np.max(abs(one - two) / (norms[:, None] * norms)))


def _run(num_devices: int, processes: int = 1) -> dict[str, Any]:
    """Run all processes, and return what the first one prints."""
    command = [sys.executable, "-m", __name__, str(num_devices), str(processes), _address()]
    with contextlib.ExitStack() as stack:
        runs = [stack.enter_context(_started([*command, str(rank)])) for rank in range(processes)]
        printed = [run.communicate(timeout=SECONDS)[0] for run in runs]
    if any(run.returncode for run in runs):
        raise RuntimeError(f"{processes} processes ended with {[r.returncode for r in runs]}")
    return json.loads(printed[0].splitlines()[-1])


@contextlib.contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    environment = kept | {"JAX_PLATFORMS": "cpu"}
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def _address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _losses(params: Any, data: Any) -> jax.Array:
    hidden = data["x"]
    for name in ("first", "second", "third"):
        hidden = jax.nn.relu(hidden @ params[name])
    return ((hidden @ params["heads"] - data["y"]) ** 2).mean(axis=0)


def _drawn(seed: int, **shapes: tuple[int, int]) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    scale = {name: np.sqrt(2 / shape[0]) for name, shape in shapes.items()}
    return {
        name: (scale[name] * rng.normal(size=shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


def _measured(rank: int, processes: int) -> dict[str, Any]:
    """Return the Gramian, and what it, a step of MGDA and one of local MGDA move."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("data",))
    own = slice(rank * BATCH // processes, (rank + 1) * BATCH // processes)
    whole = _drawn(1, x=(BATCH, INPUTS), y=(BATCH, M))
    data = shard_batch(jax.tree.map(lambda x: x[own], whole), mesh)
    square = (WIDTH, WIDTH)
    start = _drawn(0, first=(INPUTS, WIDTH), second=square, third=square, heads=(WIDTH, M))
    params = place(jax.tree.map(jnp.asarray, start), mesh)
    gram = jax.jit(lambda params, data: moo.jacobian(_losses, params, data).gram().matrix)
    programs = {"gram": gram.lower(params, data).compile()}
    for name, aggregator in {
        "mgda": moo.mgda(M), "local mgda": local_aggregates(moo.mgda(M), mesh)
    }.items():  # fmt: skip
        step = jax.jit(moo.make_step(_losses, aggregator, batched=(True,)))
        state = place(aggregator.init(params), mesh)
        programs[name] = step.lower(params, state, data).compile()
    return {
        "ms": _milliseconds(programs["mgda"], params, place(moo.mgda(M).init(params), mesh), data),
        "gram": np.asarray(programs["gram"](params, data)).tolist(),
        "entries": sum(leaf.size for leaf in jax.tree.leaves(params)),
        "moved": {name: communication(program) for name, program in programs.items()},
    }


def _milliseconds(program: Any, *given: Any) -> float:
    (times,) = alternate({"": lambda: jax.block_until_ready(program(*given))}, ROUNDS).values()
    return 1e3 * float(np.median(times))


def main(num_devices: int, processes: int, address: str, rank: int) -> None:
    """Run the part of one process, and print what it finds as one line."""
    jax.config.update("jax_num_cpu_devices", num_devices)
    if processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(address, processes, rank, initialization_timeout=60)
    print(json.dumps(_measured(rank, processes)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
