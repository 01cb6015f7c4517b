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
from benchmarks.studies._convolutional import WIDTH, ConvolutionalTrunk, network
from benchmarks.studies._study import Arrays, Metrics, Part, Study
from moo.data import ImagePairs

MODELS = ("convolutional",)
_PLACES = ("upper_left", "lower_right")


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
    begin, predict = network(
        functools.partial(PairNetwork, training.images.shape[1:], len(training.class_names))
    )
    return Study(
        objective_names=_PLACES,
        train=_arrays(training),
        validation=_part(validation),
        test=_part(test),
        begin=begin,
        predict=predict,
        losses=_losses,
        shared=lambda params: {"trunk": True, "heads": False},
        batch_size=batch_size,
        checksum=",".join(sorted({part.checksum for part in parts})),
    )


class PairNetwork(nnx.Module):
    """A convolutional trunk, and a linear head a place.

    Args:
        shape: height and width of an image.
        classes: number of classes.
        rngs: random streams.
    """

    def __init__(self, shape: Sequence[int], classes: int, *, rngs: nnx.Rngs) -> None:
        self.classes = classes
        self.trunk = ConvolutionalTrunk(shape, rngs=rngs)
        self.heads = nnx.Linear(WIDTH, len(_PLACES) * classes, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Map (n, H, W) of 0 to 255 to logits (n, 2, classes)."""
        hidden = jax.nn.relu(self.trunk(images.astype(jnp.float32) / 255))
        return self.heads(hidden).reshape(len(images), len(_PLACES), self.classes)


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
