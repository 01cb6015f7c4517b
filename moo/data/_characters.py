"""`Characters`: images of many classes with few examples each, and the episodes drawn of them."""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moo.data import _splits
from moo.data._checks import check_int
from moo.data._error import DataError
from moo.data._record import Record


class Episodes(NamedTuple):
    """Few-shot tasks, stacked on the first axis.

    Args:
        support: (count, ways * shots, H, W) uint8, the examples to learn from.
        support_labels: (count, ways * shots) int32 in [0, ways).
        query: (count, ways * queries, H, W) uint8, the images to classify.
        query_labels: (count, ways * queries) int32 in [0, ways).
    """

    support: NDArray[np.uint8]
    support_labels: NDArray[np.int32]
    query: NDArray[np.uint8]
    query_labels: NDArray[np.int32]


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Characters(Record):
    """Handwritten characters of several alphabets, each drawn once by several people.

    Args:
        images: (n, H, W) uint8, 1 is ink.
        labels: (n,) int32, the character, a position in `class_names`.
        drawers: (n,) int32, the person.
        class_names: `alphabet/character`.

    Raises:
        DataError: if lengths differ, or a label has no class.

    Example:
        >>> import numpy as np
        >>> few = Characters(name="few", images=np.zeros((8, 28, 28), np.uint8),
        ...                  labels=np.repeat(np.arange(4, dtype=np.int32), 2),
        ...                  drawers=np.tile(np.arange(2, dtype=np.int32), 4),
        ...                  class_names=("Greek/1", "Greek/2", "Latin/1", "Latin/2"))
        >>> few
        Characters('few': 8 images of 28 x 28, 4 characters of 2 alphabets)
        >>> few.episodes(3, ways=2, shots=1, queries=1).query.shape
        (3, 2, 28, 28)
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]
    drawers: NDArray[np.int32]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if np.any((self.labels < 0) | (self.labels >= len(self.class_names))):
            raise DataError(f"{self.name}: labels must be in [0, {len(self.class_names)})")

    @property
    def alphabets(self) -> NDArray[Any]:
        """The alphabet of each image, (n,) str."""
        names = np.array([name.split("/")[0] for name in self.class_names])
        return np.asarray(names[self.labels])

    def split_by_alphabet(
        self, fractions: Sequence[float], *, seed: int = 0
    ) -> tuple["Characters", ...]:
        """Cut the alphabets, in a random order, by `fractions`; no alphabet is in two parts.

        Raises:
            DataError: when there are too few alphabets for a part.
        """
        return tuple(self.take(part) for part in _splits.by_user(self.alphabets, fractions, seed))

    def episodes(
        self, count: int, *, ways: int = 5, shots: int = 1, queries: int = 5, seed: int = 0
    ) -> Episodes:
        """Draw `count` few-shot tasks: tell `ways` characters apart after `shots` examples of each.

        Episode k depends on the seed and on k alone, so drawing more leaves the first as they are.

        Args:
            count: number of episodes.
            ways: characters in an episode, drawn without repeats from all alphabets.
            shots: examples of each to learn from.
            queries: further examples of each, to be classified.
            seed: seed of the draws.

        Returns:
            The episodes; labels are in [0, ways), numbered anew in each.

        Raises:
            ValueError: for a number below 1, or more characters or examples than there are.
            TypeError: for one of these that is no int.
        """
        sizes = {"count": count, "ways": ways, "shots": shots, "queries": queries}
        count, ways, shots, queries = (check_int(name, n, 1) for name, n in sizes.items())
        check_int("seed", seed, 0)
        rows_of = self._rows_of(ways, shots + queries)
        index = np.empty((count, ways, shots + queries), np.intp)
        for episode in range(count):
            draw = np.random.default_rng([seed, episode])
            for way, chosen in enumerate(draw.choice(len(rows_of), ways, replace=False)):
                index[episode, way] = draw.choice(rows_of[chosen], shots + queries, replace=False)
        support, query = index[:, :, :shots], index[:, :, shots:]
        return Episodes(
            *self._stack(support.reshape(count, -1), ways),
            *self._stack(query.reshape(count, -1), ways),
        )

    def _rows_of(self, ways: int, examples: int) -> list[NDArray[np.intp]]:
        """Return the rows of each character that is there, checked to be enough for an episode."""
        rows_of = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        if ways > len(rows_of):
            raise ValueError(f"ways must be at most {len(rows_of)}, the characters, got {ways}")
        fewest = min(map(len, rows_of))
        if examples > fewest:
            raise ValueError(
                f"shots + queries must be at most {fewest}, the examples of a character, "
                f"got {examples}"
            )
        return rows_of

    def _stack(
        self, index: NDArray[np.intp], ways: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        labels = np.repeat(np.arange(ways, dtype=np.int32), index.shape[1] // ways)
        return self.images[index], np.tile(labels, (len(index), 1))

    def __repr__(self) -> str:
        height, width = self.images.shape[1:]
        return (
            f"Characters({self.name!r}: {len(self):,} images of {height} x {width}, "
            f"{len(np.unique(self.labels))} characters of {len(np.unique(self.alphabets))} "
            "alphabets)"
        )
