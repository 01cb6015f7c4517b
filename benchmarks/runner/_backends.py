"""Where jobs run: this process, loky's worker processes, or a Ray or Dask cluster."""

import contextlib
import functools
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

import jax
import joblib

from benchmarks.pool import ONE_THREAD
from benchmarks.runner._suite import UsageError

BACKENDS = ("loky", "ray", "dask")
# What one backend sets in its workers must be set for all: cells record it.
_SET = ONE_THREAD | {"MKL_NUM_THREADS": "1"}


@contextlib.contextmanager
def workers(backend: str, count: int) -> Iterator[None]:
    """Let `joblib.Parallel` run on so many workers of a backend.

    A Ray or Dask cluster that the environment names (`RAY_ADDRESS`, `DASK_SCHEDULER_ADDRESS`) is
    used; else one is started on this machine and stopped at the end.

    Raises:
        UsageError: if the backend is unknown or not installed.
    """
    if backend not in BACKENDS:
        raise UsageError(f"unknown backend {backend!r}; known: {', '.join(BACKENDS)}")
    start = {"loky": _loky, "ray": _ray, "dask": _dask}[backend]
    with _one_thread(), start(count):
        yield


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Set what workers inherit, and this process too, so that all of them round alike."""
    added = {name: value for name, value in _SET.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextlib.contextmanager
def _loky(count: int) -> Iterator[None]:
    start = joblib.parallel_config(
        backend="loky", n_jobs=count, initializer=_begin_worker, initargs=(_compiled().name,)
    )
    with warnings.catch_warnings(), start:
        # A worker whose memory grew, by compiled programs, is replaced between two jobs.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        yield


@contextlib.contextmanager
def _ray(count: int) -> Iterator[None]:
    _require("ray")
    import ray
    from ray.util.joblib import register_ray

    if not ray.is_initialized():
        here = None if os.environ.get("RAY_ADDRESS") else count
        ray.init(num_cpus=here, include_dashboard=False, log_to_driver=False)
    register_ray()
    try:
        with joblib.parallel_config(backend="ray", n_jobs=count):
            yield
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _dask(count: int) -> Iterator[None]:
    _require("distributed", extra="dask")
    from distributed import Client

    given = os.environ.get("DASK_SCHEDULER_ADDRESS")
    local = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": None}
    with (
        Client(given) if given else Client(**local),
        joblib.parallel_config(backend="dask", n_jobs=count),
    ):
        yield


def _require(module: str, extra: str | None = None) -> None:
    if find_spec(module) is None:
        extra = extra or module
        raise UsageError(f"--backend {extra} needs {module}: pip install 'moo-jax[bench,{extra}]'")


@functools.cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """Return where workers leave compiled programs for one another, until this process ends."""
    return tempfile.TemporaryDirectory(prefix="moo-compiled-")


def _begin_worker(compiled: str) -> None:
    # A terminal sends its interrupt to the workers too, which must come to their checkpoint.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Data sets of one shape share a model's programs, and jobs of one model follow each other.
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", compiled)
        if "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS" not in os.environ:
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
