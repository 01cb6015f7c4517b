"""The model of the step rows: a trunk without biases and a head with one output an objective."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo

DEPTH = 3
RATE = 1e-4
METHODS = ("mgda", "pcgrad", "cagrad", "imtl_g", "aligned_mtl", "upgrad", "nash_mtl")
OPTIONS: Mapping[str, dict[str, Any]] = {"cagrad": {"c": 0.4}}


class Shape(NamedTuple):
    """The size of one comparison: a trunk of `DEPTH` square layers, a batch, m objectives."""

    width: int
    batch: int
    m: int

    def __str__(self) -> str:
        """Return it as a heading of a row."""
        return f"{DEPTH}×{self.width}, batch {self.batch:,}, m = {self.m}"


class Data(NamedTuple):
    """Kernels and one batch, as NumPy arrays that every package is given."""

    kernels: list[np.ndarray]
    inputs: np.ndarray
    targets: np.ndarray


def draw(shape: Shape, seed: int = 0) -> Data:
    """Return random kernels that keep the scale of activations, and a random batch."""
    rng = np.random.default_rng(seed)
    widths = [(shape.width, shape.width)] * DEPTH + [(shape.width, shape.m)]
    kernels = [_normal(rng, pair) * np.sqrt(2 / pair[0], dtype=np.float32) for pair in widths]
    inputs = _normal(rng, (shape.batch, shape.width))
    return Data(kernels, inputs, _normal(rng, (shape.batch, shape.m)))


def objectives(kernels: Any, inputs: Any, targets: Any) -> Any:
    """Return the mean squared error of each output, (m,)."""
    hidden = inputs
    for kernel in kernels[:-1]:
        hidden = jax.nn.relu(hidden @ kernel)
    return ((hidden @ kernels[-1] - targets) ** 2).mean(axis=0)


def jax_arrays(data: Data) -> tuple[list[jax.Array], tuple[jax.Array, jax.Array]]:
    """Return the parameters and the batch on the device."""
    return [jnp.array(k) for k in data.kernels], (jnp.array(data.inputs), jnp.array(data.targets))


def optimizer(method: str, m: int) -> Any:
    """Return plain descent along a method's direction."""
    return moo.optimizer(method, optax.sgd(RATE), num_objectives=m, **OPTIONS.get(method, {}))


def lowered(method: str, data: Data, m: int, **jacobian_options: Any) -> Any:
    """Return moo's training step, donated and lowered, to be compiled."""
    tx = optimizer(method, m)
    step = moo.make_step(objectives, tx, **jacobian_options)
    params, batch = jax_arrays(data)
    return jax.jit(step, donate_argnums=(0, 1)).lower(params, tx.init(params), *batch), tx


def stepper(program: Any, tx: Any, data: Data) -> Callable[[], Any]:
    """Return a call that takes the next step, in place, and waits for it."""
    params, batch = jax_arrays(data)
    carry = [params, tx.init(params)]

    def call() -> None:
        *carry[:], record = program(*carry, *batch)
        jax.block_until_ready((carry, record))

    return call


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)
