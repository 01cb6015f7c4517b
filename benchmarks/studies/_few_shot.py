"""Few-shot episodes: how well an embedding tells apart what it was not trained on."""

import dataclasses
from typing import NamedTuple

import numpy as np

from moo.data import Characters

WAYS, MOST_SHOTS, _QUERIES = 5, 5, 5


class Episodes(NamedTuple):
    """Episodes as rows of a data set.

    Attributes:
        support: (count, WAYS, MOST_SHOTS), the examples to learn each character from.
        query: (count, WAYS, queries), what is to be named.
    """

    support: np.ndarray
    query: np.ndarray


def draw_episodes(data: Characters, count: int, *, seed: int = 0) -> Episodes:
    """Draw episodes of 5 characters with 5 examples and 5 queries each.

    They follow from the seed alone. Five-shot episodes hold the one-shot ones, whose example is
    the first of the five, so that both are scored on the same queries.

    Args:
        data: the characters, of all alphabets together.
        count: number of episodes.
        seed: seed of the draws.
    """
    # An image is in many episodes and is embedded once: drawn are the rows, in place of images.
    rows = np.arange(len(data), dtype=np.int32).reshape(-1, 1, 1)
    found = dataclasses.replace(data, images=rows).episodes(
        count, ways=WAYS, shots=MOST_SHOTS, queries=_QUERIES, seed=seed
    )
    return Episodes(*(part.reshape(count, WAYS, -1) for part in (found.support, found.query)))


def few_shot_accuracy(embedded: np.ndarray, episodes: Episodes, shots: int) -> float:
    r"""Return the share of queries whose nearest class mean is that of their own character.

    With the mean $c_k$ of the embedded examples of character k, a query x is given to
    $\arg\min_k \lVert x - c_k \rVert$, all vectors scaled to length 1 before.

    Args:
        embedded: the images of the data set, (n, d).
        episodes: the episodes.
        shots: examples that count, at most `MOST_SHOTS`.

    Source: Snell et al., Prototypical Networks for Few-shot Learning, NeurIPS 2017,
        arXiv:1703.05175.
    """
    scaled = _unit(embedded)
    means = scaled[episodes.support[:, :, :shots]].mean(axis=2)
    queries = scaled[episodes.query].reshape(len(means), -1, scaled.shape[1])
    # The query's own square is the same for all characters.
    distances = (means**2).sum(axis=2)[:, None] - 2 * queries @ means.swapaxes(1, 2)
    truth = np.repeat(np.arange(WAYS), episodes.query.shape[2])
    return float((distances.argmin(axis=2) == truth).mean())


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)
