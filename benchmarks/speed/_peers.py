"""The other packages, where they are installed."""

import importlib.metadata
from importlib.util import find_spec

from benchmarks.speed._alternate import cores

DISTRIBUTIONS = ("torch", "torchjd", "deepctr-torch", "torch-rechub", "LibMTL")


def absent(*modules: str) -> list[str]:
    """Return which of these modules are not installed."""
    return [name for name in modules if find_spec(name) is None]


def versions() -> dict[str, str]:
    """Return the version of each peer that is installed."""
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def torch_threads() -> int:
    """Give torch as many threads as XLA has, and return the number."""
    import torch

    torch.set_num_threads(cores())
    return torch.get_num_threads()
