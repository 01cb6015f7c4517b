"""How fast each package multiplies matrices: what a step made of products cannot go below."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from benchmarks.speed._alternate import alternate, cores
from benchmarks.speed._trunk import DEPTH, Data, Shape

_ROUNDS = 5


class Rates(NamedTuple):
    """Seconds of one product of a batch with a kernel, (batch, width) times (width, width)."""

    xla: float
    torch: float

    def floor(self, shape: Shape) -> float:
        """Return the seconds of a step's products on the trunk, at the better rate.

        One forward pass has a product a layer, and each of m backward passes two, but for the
        first layer, whose inputs need no cotangents.
        """
        return (DEPTH + shape.m * (2 * DEPTH - 1)) * min(self)


def rates(data: Data) -> Rates:
    """Measure both packages on all cores, in turns."""
    times = alternate({"xla": _xla(data), "torch": _torch(data)}, _ROUNDS)
    return Rates(*(float(times[name].min()) for name in Rates._fields))


def gigaflops(shape: Shape, seconds: float) -> float:
    """Return 1e9 operations a second of one product."""
    return 2e-9 * shape.batch * shape.width**2 / seconds


def _xla(data: Data) -> Callable[[], Any]:
    product = jax.jit(lambda inputs, kernel: inputs @ kernel)
    given = jax.numpy.array(data.inputs), jax.numpy.array(data.kernels[0])
    return lambda: jax.block_until_ready(product(*given))


def _torch(data: Data) -> Callable[[], Any]:
    import torch

    inputs, kernel = torch.from_numpy(data.inputs), torch.from_numpy(np.array(data.kernels[0]))

    def call() -> None:
        torch.set_num_threads(cores())
        torch.mm(inputs, kernel)

    return call
