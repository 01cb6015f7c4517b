"""A small convolutional network: a trunk that all objectives share, and linear heads on top."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from benchmarks.studies._study import Arrays
from moo.models import apply, functional

WIDTH = 64
# (kernel, stride, channels) of each convolution below the layer of `WIDTH`.
_CONVOLUTIONS = ((6, 3, 16), (3, 2, 32))


class ConvolutionalTrunk(nnx.Module):
    """Two strided convolutions and one wide layer.

    A convolution is a product of patches and kernel: many networks side by side, which have other
    kernels each, would make a grouped convolution of it, and that is slow on CPUs.

    Args:
        shape: height and width of an image.
        rngs: random streams.
    """

    def __init__(self, shape: Sequence[int], *, rngs: nnx.Rngs) -> None:
        channels, (height, width) = 1, shape
        kernels = []
        for size, stride, wider in _CONVOLUTIONS:
            kernels.append(nnx.Linear(size * size * channels, wider, rngs=rngs))
            height, width = ((side - size) // stride + 1 for side in (height, width))
            channels = wider
        self.kernels = nnx.List(kernels)
        self.out = nnx.Linear(height * width * channels, WIDTH, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Map (n, H, W) of 0 to 1 to (n, WIDTH), before the last rectifier."""
        hidden = images[..., None]
        for kernel, (size, stride, _) in zip(self.kernels, _CONVOLUTIONS, strict=True):
            hidden = jax.nn.relu(kernel(patches(hidden, size, stride)))
        return self.out(hidden.reshape(len(images), -1))


def patches(images: jax.Array, size: int, stride: int) -> jax.Array:
    """Return what a kernel sees: (n, H, W, c) -> (n, H', W', size * size * c)."""
    _, height, width, _ = images.shape
    return jnp.concatenate(
        [
            images[:, i : height - size + 1 + i : stride, j : width - size + 1 + j : stride]
            for i, j in itertools.product(range(size), repeat=2)
        ],
        axis=-1,
    )


def network(
    build: Callable[..., nnx.Module],
) -> tuple[Callable[[int], Any], Callable[[Any, Arrays], Any]]:
    """Return seed -> parameters, and (parameters, arrays) -> what the module makes of `images`."""

    def drawn(key: Any) -> nnx.Module:
        return build(rngs=nnx.Rngs(key))

    graphdef = nnx.split(nnx.eval_shape(drawn, jax.random.key(0)), nnx.Param, ...)[0]
    draw = jax.jit(lambda key: functional(drawn(key))[1])

    def predict(params: Any, arrays: Arrays) -> Any:
        return apply(graphdef, params, {}, arrays["images"], train=False)[0]

    return functools.cache(lambda seed: draw(jax.random.key(seed))), predict
