"""Omniglot: groups of characters as many tasks, and few-shot episodes of alphabets never seen."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from scipy.special import log_softmax

import moo
from benchmarks.studies._convolutional import WIDTH, ConvolutionalTrunk, network
from benchmarks.studies._distortions import distorted
from benchmarks.studies._few_shot import Episodes, draw_episodes, few_shot_accuracy
from benchmarks.studies._study import Arrays, Metrics, Part, Study
from moo.data import Characters
from moo.data._splits import by_user

MODELS = ("convolutional",)
# Shares of the alphabets, and shares of the people who drew those of the training.
_ALPHABETS = (0.5, 0.25, 0.25)
_PEOPLE = (0.7, 0.15, 0.15)
_NOT_TAUGHT = -1


class Lessons(NamedTuple):
    """The tasks: each is to tell the characters of one group apart.

    Attributes:
        names: the T names.
        labels: the characters of all groups, as the data numbers them, (C,).
        members: which of them belongs to which task, (C, T) bool.
    """

    names: tuple[str, ...]
    labels: np.ndarray
    members: np.ndarray


def omniglot(model: str, *, batch_size: int = 64, copies: int = 20) -> Study:
    """Return the study of `moo.data.load("omniglot")`, see `character_study`.

    Args:
        model: one of `MODELS`.
        batch_size: images in a step.
        copies: of each training image, all but one of them distorted, see `distorted`.

    Raises:
        DataError: if the data cannot be read.
    """
    return character_study(moo.data.load("omniglot"), batch_size=batch_size, copies=copies)


def character_study(
    data: Characters, *, batch_size: int, copies: int, group: int = 16, episodes: int = 400
) -> Study:
    """Return a shared trunk, with a head and an objective for each group of an alphabet.

    Half of the alphabets are taught, cut into groups of at most `group` characters; a quarter is
    for validation and a quarter for the test, by few-shot episodes in which the trunk serves as an
    embedding. Of the taught characters, the drawings of some people are held out as well, so that
    validation and test have losses. An image counts for its own task only.

    Args:
        data: at least four alphabets.
        batch_size: images in a step.
        copies: of each training image, all but one of them distorted, see `distorted`.
        group: characters a task at most.
        episodes: few-shot episodes of 5 characters, see `draw_episodes`.
    """
    taught, *unseen = data.split_by_alphabet(_ALPHABETS)
    training, *held_out = (taught.take(rows) for rows in by_user(taught.drawers, _PEOPLE, 0))
    lessons = _lessons(taught, group)
    shape = data.images.shape[1:]
    begin, predict = network(functools.partial(CharacterNetwork, shape, len(lessons.labels)))
    validation, test = (
        _part(lessons, drawings, alphabets, draw_episodes(alphabets, episodes))
        for drawings, alphabets in zip(held_out, unseen, strict=True)
    )
    return Study(
        objective_names=lessons.names,
        train=_distorted(_arrays(lessons, training), copies),
        validation=validation,
        test=test,
        begin=begin,
        predict=predict,
        losses=lesson_losses(lessons.members),
        shared=lambda params: {"trunk": True, "heads": False},
        batch_size=batch_size,
        checksum=data.checksum,
        active=taught_objectives(lessons.members),
    )


class CharacterNetwork(nnx.Module):
    """A convolutional trunk that embeds an image, and a logit for every character.

    Args:
        shape: height and width of an image.
        characters: number C of characters.
        rngs: random streams.
    """

    def __init__(self, shape: Sequence[int], characters: int, *, rngs: nnx.Rngs) -> None:
        self.trunk = ConvolutionalTrunk(shape, rngs=rngs)
        self.heads = nnx.Linear(WIDTH, characters, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Map (n, H, W) of 0 and 1 to embeddings and logits side by side, (n, WIDTH + C)."""
        hidden = jax.nn.relu(self.trunk(images.astype(jnp.float32)))
        return jnp.concatenate([hidden, self.heads(hidden)], axis=1)


def lesson_losses(members: np.ndarray) -> Callable[[Any, Arrays], Any]:
    """Return (outputs (n, WIDTH + C), arrays) -> losses (T,), each the mean over its own images.

    An image's cross-entropy is over the characters of its task. A task without images has loss 0,
    see `taught_objectives`.

    Args:
        members: which character belongs to which task, (C, T) bool.
    """

    def losses(outputs: Any, arrays: Arrays) -> Any:
        known = arrays["characters"] != _NOT_TAUGHT
        # What was not taught stands in as the first character, for numbers that are finite.
        chosen = jnp.where(known, arrays["characters"], 0)
        own = jnp.asarray(members)[chosen]
        rivals = (own[:, None, :] & members).any(axis=-1)
        logits = jnp.where(rivals, outputs[:, WIDTH:], -jnp.inf)
        errors = optax.softmax_cross_entropy_with_integer_labels(logits, chosen)
        counted = (own & known[:, None]).astype(outputs.dtype)
        return errors @ counted / jnp.maximum(counted.sum(axis=0), 1)

    return losses


def taught_objectives(members: np.ndarray) -> Callable[[Arrays], Any]:
    """Return arrays -> (T,) bool: which tasks have an image among these rows."""

    def active(arrays: Arrays) -> Any:
        known = arrays["characters"] != _NOT_TAUGHT
        return (jnp.asarray(members)[arrays["characters"]] & known[:, None]).any(axis=0)

    return active


def _lessons(data: Characters, group: int) -> Lessons:
    """Cut each alphabet into as few groups as can be, as even as can be."""
    labels = np.unique(data.labels)
    alphabet = np.array([data.class_names[label].split("/")[0] for label in labels])
    names, of_task = [], []
    for name in np.unique(alphabet):
        own = np.flatnonzero(alphabet == name)
        cut = np.array_split(own, -(-len(own) // group))
        names += [f"{name}_{place}" for place in range(1, len(cut) + 1)]
        of_task += [np.isin(np.arange(len(labels)), part) for part in cut]
    return Lessons(tuple(names), labels, np.stack(of_task, axis=1))


def _arrays(lessons: Lessons, taught: Characters) -> dict[str, np.ndarray]:
    characters = np.searchsorted(lessons.labels, taught.labels).astype(np.int32)
    return {"images": taught.images, "characters": characters}


def _distorted(arrays: Arrays, copies: int) -> dict[str, np.ndarray]:
    return {
        "images": distorted(arrays["images"], copies),
        "characters": np.tile(arrays["characters"], copies),
    }


def _part(lessons: Lessons, held_out: Characters, unseen: Characters, episodes: Episodes) -> Part:
    """Measure each task on held-out drawings, and few-shot accuracy on alphabets never seen."""
    told, count = _arrays(lessons, held_out), len(held_out)
    characters = told["characters"]
    arrays = {
        "images": np.concatenate([told["images"], unseen.images]),
        "characters": np.pad(characters, (0, len(unseen)), constant_values=_NOT_TAUGHT),
    }
    own = lessons.members[characters] / lessons.members[characters].sum(axis=0)
    names = ("one_shot_accuracy", "five_shot_accuracy", "mean_accuracy", "mean_log_loss",
             *(f"{name}_accuracy" for name in lessons.names))  # fmt: skip

    def measure(outputs: np.ndarray) -> Metrics:
        if not np.isfinite(outputs).all():
            return dict.fromkeys(names, float("nan"))
        values = outputs.astype(np.float64)
        few = [few_shot_accuracy(values[count:, :WIDTH], episodes, shots) for shots in (1, 5)]
        right, lost = _told_apart(values[:count, WIDTH:], characters, lessons.members)
        accuracies = right @ own
        found = (*few, accuracies.mean(), (lost @ own).mean(), *accuracies)
        return {name: float(value) for name, value in zip(names, found, strict=True)}

    return Part(arrays, names, measure)


def _told_apart(
    logits: np.ndarray, characters: np.ndarray, members: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return of each image whether it is named right within its task, and the log-loss."""
    rivals = members[characters] @ members.T
    chances = log_softmax(np.where(rivals, logits, -np.inf), axis=1)
    told = np.take_along_axis(chances, characters[:, None], axis=1)[:, 0]
    return chances.argmax(axis=1) == characters, -told
