"""Images of two overlapping things, both to be named: a small convolutional network."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from scipy.special import log_softmax

import moo
from benchmarks.studies._study import Arrays, Metrics, Part, Study
from moo.data import ImagePairs
from moo.models import apply, functional

MODELS = ("convolutional",)
_PLACES = ("upper_left", "lower_right")
# (kernel, stride, channels) of each convolution, and the width of the layer below the heads.
_CONVOLUTIONS = ((6, 3, 16), (3, 2, 32))
_WIDTH = 64


def image_study(name: str) -> Callable[..., Study]:
    """Return the study of `moo.data.load("multi_mnist")` or `"multi_fashion"`."""

    def study(model: str, *, batch_size: int = 256, size: int | None = None) -> Study:
        data = [moo.data.load(name, part=part, size=size) for part in ("train", "valid", "test")]
        return pair_study(data, batch_size=batch_size)

    return study


def pair_study(parts: Sequence[ImagePairs], *, batch_size: int) -> Study:
    """Return a network with a head of ten classes for either place, an objective each.

    Args:
        parts: training, validation and test images.
        batch_size: images in a step.
    """
    training, validation, test = parts
    begin, predict = _network(training.images.shape[1:], len(training.class_names))
    return Study(
        objective_names=_PLACES,
        train=_arrays(training),
        validation=_part(validation),
        test=_part(test),
        begin=begin,
        predict=predict,
        losses=_losses,
        shared=lambda params: {name: name != "heads" for name in params},
        batch_size=batch_size,
    )


class ConvolutionalNetwork(nnx.Module):
    """Two strided convolutions, one wide layer, and a linear head a place.

    A convolution is a product of patches and kernel: many networks side by side, which have other
    kernels each, would make a grouped convolution of it, and that is slow on CPUs.

    Args:
        shape: height and width of an image.
        classes: number of classes.
        rngs: random streams.
    """

    def __init__(self, shape: Sequence[int], classes: int, *, rngs: nnx.Rngs) -> None:
        self.classes = classes
        channels, (height, width) = 1, shape
        kernels = []
        for size, stride, wider in _CONVOLUTIONS:
            kernels.append(nnx.Linear(size * size * channels, wider, rngs=rngs))
            height, width = ((side - size) // stride + 1 for side in (height, width))
            channels = wider
        self.kernels = nnx.List(kernels)
        self.trunk = nnx.Linear(height * width * channels, _WIDTH, rngs=rngs)
        self.heads = nnx.Linear(_WIDTH, len(_PLACES) * classes, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Map (n, H, W) of 0 to 255 to logits (n, 2, classes)."""
        hidden = images[..., None].astype(jnp.float32) / 255
        for kernel, (size, stride, _) in zip(self.kernels, _CONVOLUTIONS, strict=True):
            hidden = jax.nn.relu(kernel(patches(hidden, size, stride)))
        hidden = jax.nn.relu(self.trunk(hidden.reshape(len(images), -1)))
        return self.heads(hidden).reshape(len(images), len(_PLACES), self.classes)


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


def _network(
    shape: Sequence[int], classes: int
) -> tuple[Callable[[int], Any], Callable[[Any, Arrays], Any]]:
    """Return seed -> parameters, and (parameters, arrays) -> logits (n, 2, classes)."""

    def build(key: Any) -> nnx.Module:
        return ConvolutionalNetwork(shape, classes, rngs=nnx.Rngs(key))

    graphdef = nnx.split(nnx.eval_shape(build, jax.random.key(0)), nnx.Param, ...)[0]
    draw = jax.jit(lambda key: functional(build(key))[1])

    def predict(params: Any, arrays: Arrays) -> Any:
        return apply(graphdef, params, {}, arrays["images"], train=False)[0]

    return functools.cache(lambda seed: draw(jax.random.key(seed))), predict


def _losses(logits: Any, arrays: Arrays) -> Any:
    errors = optax.softmax_cross_entropy_with_integer_labels(logits, arrays["labels"])
    return errors.mean(axis=0)


def _arrays(data: ImagePairs) -> dict[str, np.ndarray]:
    return {"images": data.images, "labels": data.labels}


def _part(data: ImagePairs) -> Part:
    """Measure accuracy and log-loss of either place, task 1 and task 2, and their means."""
    pairs = list(itertools.product(("accuracy", "log_loss"), range(len(_PLACES))))
    names = (*(f"task_{task + 1}_{metric}" for metric, task in pairs),
             "mean_accuracy", "mean_log_loss")  # fmt: skip

    def measure(logits: np.ndarray) -> Metrics:
        if not np.isfinite(logits).all():
            return dict.fromkeys(names, float("nan"))
        chances = log_softmax(logits.astype(np.float64), axis=-1)
        told = np.take_along_axis(chances, data.labels[..., None], axis=-1)[..., 0]
        right = (logits.argmax(axis=-1) == data.labels).mean(axis=0)
        lost = -told.mean(axis=0)
        values = (*right, *lost, right.mean(), lost.mean())
        return {name: float(value) for name, value in zip(names, values, strict=True)}

    return Part(_arrays(data), names, measure)
