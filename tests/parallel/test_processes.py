"""Two processes over gloo equal one device: a Gramian, and steps with a table that they share."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import moo
from tests.parallel import work

ROOT = Path(moo.__file__).parents[1]
SECONDS = 100


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """What two processes of two devices each find."""
    out = tmp_path_factory.mktemp("processes") / "found.npz"
    command = [sys.executable, "-m", "tests.parallel.work", _address()]
    runs = [
        subprocess.Popen([*command, str(rank), "2", str(out)], cwd=ROOT, env=_environment())
        for rank in range(2)
    ]
    try:
        assert [run.wait(SECONDS) for run in runs] == [0, 0]
    finally:
        for run in runs:
            run.kill()
    return dict(np.load(out))


@pytest.fixture(scope="module")
def alone():
    data, params = work.batch(), work.parameters()
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("data",))
    taken = jax.jit(lambda params, data: moo.jacobian(work.losses, params, data).gram().matrix)
    return {"gram": taken(params, data), **work.train(mesh, data)}


def _address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _environment():
    """Without flags that fix the number of devices; compiled programs are shared."""
    kept = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    cache = jax.config.jax_compilation_cache_dir
    return kept | {"JAX_PLATFORMS": "cpu", "JAX_COMPILATION_CACHE_DIR": cache}


@pytest.mark.timeout(SECONDS + 20)
@pytest.mark.parametrize("name", ["gram", "losses", "weights", "emb", "layer", "heads"])
def test_two_processes_equal_one_device(together, alone, name):
    np.testing.assert_allclose(together[name], alone[name], rtol=1e-5, atol=1e-5)


@pytest.mark.timeout(SECONDS + 20)
def test_only_the_rows_move_between_processes(together):
    entries = sum(leaf.size for leaf in work.parameters().values())
    moved = {name: int(x) for name, x in together.items() if name.startswith("moved")}
    assert moved == {"moved all-reduce": 4 * 2 * entries}
