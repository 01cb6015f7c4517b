"""The same training in one process or in several: `work ADDRESS RANK PROCESSES OUT`."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from moo.parallel import communication, place, shard_batch

DEVICES, ROWS, USERS = 4, 32, 24


def parameters():
    """Return a table, a layer and two heads."""
    rng = np.random.default_rng(0)
    shapes = {"emb": (USERS, 4), "layer": (4, 6), "heads": (6, 2)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def batch():
    """Return an id and two labels a row."""
    rng = np.random.default_rng(1)
    labels = rng.normal(size=(ROWS, 2)).astype(np.float32)
    return {"id": rng.integers(0, USERS, ROWS).astype(np.int32), "y": labels}


def losses(params, data):
    """Return two mean squared errors."""
    hidden = jnp.tanh(params["emb"][data["id"]] @ params["layer"])
    return ((hidden @ params["heads"] - data["y"]) ** 2).mean(axis=0)


def gram(mesh, data):
    """Return the Gramian of parameters that every device holds, and what it moved."""
    params = place(parameters(), mesh)
    taken = jax.jit(lambda params, data: moo.jacobian(losses, params, data).gram().matrix)
    program = taken.lower(params, data).compile()
    moved = {f"moved {kind}": traffic.bytes for kind, traffic in communication(program).items()}
    return {"gram": program(params, data), **moved}


def train(mesh, data):
    """Return where three steps of MGDA lead, with a table that the devices share by rows."""
    params = place(parameters(), mesh, rows=("emb",))
    tx = optax.chain(moo.mgda(2), moo.sparse.lazy(optax.adam(0.05)))
    state = place(tx.init(params), mesh)
    step = jax.jit(moo.sparse.make_step(losses, tx, tables={"emb": "id"}))
    for _ in range(3):
        # Steps in flight starve the threads that stand for devices.
        params, state, record = jax.block_until_ready(step(params, state, data))
    whole = jax.jit(lambda tree: tree, out_shardings=jax.NamedSharding(mesh, jax.P()))
    return {**whole(params), "losses": record.losses, "weights": record.weights}


def results(data):
    """Return what all devices of all processes find on their own rows of the batch."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:DEVICES]), ("data",))
    data = shard_batch(data, mesh)
    return {name: np.asarray(x) for name, x in (gram(mesh, data) | train(mesh, data)).items()}


def main(address: str, rank: int, processes: int, out: str) -> None:
    """Run the part of one process; the first one writes what they found."""
    jax.config.update("jax_num_cpu_devices", DEVICES // processes)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(address, processes, rank, initialization_timeout=60)
    size = ROWS // processes
    found = results(jax.tree.map(lambda x: x[rank * size : (rank + 1) * size], batch()))
    if rank == 0:
        np.savez(out, **found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
