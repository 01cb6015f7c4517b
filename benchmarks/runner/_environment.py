"""What a run needs to be run again: versions, device, settings, commit."""

import functools
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

_PACKAGES = ("flax", "jax", "jaxlib", "numpy", "optax", "scipy")
# What changes rounding, or the number of threads, from outside the program.
_PREFIXES = ("JAX_", "XLA_", "OMP_", "OPENBLAS_", "MKL_")
_LEFT_OUT = ("JAX_COMPILATION_CACHE_", "JAX_PERSISTENT_CACHE_")


@functools.cache
def environment() -> dict[str, Any]:
    """Return the facts of this process, the same in every run of it.

    Nothing in it is a clock's, a path's or a host's: two runs of one environment agree in it, and
    a checkpoint is continued only in the environment that wrote it.
    """
    import jax

    devices = jax.devices()
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _PACKAGES},
        },
        "device": {"platform": devices[0].platform, "kind": devices[0].device_kind},
        "machine": platform.machine(),
        "x64": jax.dtypes.canonicalize_dtype("float64") == "float64",
        "settings": _settings(),
        "commit": commit(),
    }


def _settings() -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(_PREFIXES) and not name.startswith(_LEFT_OUT)
    }


def commit() -> str:
    """Return the commit of the tree, marked where files differ from it; "unknown" without git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude=*"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
