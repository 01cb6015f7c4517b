"""The same cells through worker processes and local clusters: the same bytes."""

import io
from dataclasses import replace
from importlib.util import find_spec

import jax
import pytest
from rich.console import Console

from benchmarks.runner import _plan, _sweep
from benchmarks.runner._environment import environment
from benchmarks.runner._folder import TIMING


@pytest.fixture(autouse=True)
def _same_settings(monkeypatch):
    """Workers use the tests' compiled programs, and this process says that it is one of them."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", jax.config.jax_compilation_cache_dir)
    environment.cache_clear()
    yield
    environment.cache_clear()


def contents(root):
    return {
        (path.parent.name, path.name): path.read_bytes()
        for path in (root / "cells").glob("*/[!.]*")
        if path.name != TIMING
    }


@pytest.mark.parametrize(
    "backend",
    [
        "loky",
        pytest.param("ray", marks=pytest.mark.conformance),
        pytest.param("dask", marks=pytest.mark.conformance),
    ],
)
# Ray and Dask leave sockets and subprocesses to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_two_workers_write_what_one_writes(cell, tmp_path, backend):
    if find_spec({"dask": "distributed"}.get(backend, backend.replace("loky", "joblib"))) is None:
        pytest.skip(f"{backend} is not installed")
    cells = [replace(cell, seed=seed) for seed in (0, 1)]
    cells += [replace(cell, method="mean", optimizer="sgd", seed=seed) for seed in (0, 1)]
    for workers, found in ((1, cells), (2, cells[::-1])):
        console = Console(file=io.StringIO(), width=200)
        settings = _sweep.Settings(backend if workers > 1 else "loky", workers)
        code = _sweep.sweep(_plan.jobs(found), tmp_path / str(workers), settings, console)
        assert code == 0, console.file.getvalue()
    one, two = (contents(tmp_path / name) for name in ("1", "2"))
    assert len(one) == 4 * 5
    assert {key[1]: (one[key], two[key]) for key in one if one[key] != two.get(key)} == {}
