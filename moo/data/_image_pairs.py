"""`ImagePairs`: two images overlaid on one canvas, each to be recognised."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from moo.data._checks import check_int
from moo.data._error import DataError
from moo.data._idx import Digits
from moo.data._record import Record

_MARGIN = 8
_JITTER = 2


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ImagePairs(Record):
    """Images that show two things; the tasks are to name the upper left and the lower right one.

    Args:
        images: (n, H, W) uint8, 0 is black.
        labels: (n, 2) int32, classes of the upper left and the lower right image.
        class_names: names of the classes; a label is a position in it.

    Raises:
        DataError: if lengths differ, or a label has no class.

    Example:
        >>> import numpy as np
        >>> one = ImagePairs(name="one", images=np.zeros((1, 36, 36), np.uint8),
        ...                  labels=np.array([[3, 7]], np.int32), class_names=tuple("0123456789"))
        >>> one
        ImagePairs('one': 1 image of 36 x 36, 10 classes)
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.labels.shape != (len(self), 2):
            raise DataError(f"{self.name}: labels must be (n, 2), got {self.labels.shape}")
        if np.any((self.labels < 0) | (self.labels >= len(self.class_names))):
            raise DataError(f"{self.name}: labels must be in [0, {len(self.class_names)})")

    def __repr__(self) -> str:
        height, width = self.images.shape[1:]
        plural = "s" * (len(self) != 1)
        return (
            f"ImagePairs({self.name!r}: {len(self):,} image{plural} of {height} x {width}, "
            f"{len(self.class_names)} classes)"
        )


def overlay(
    digits: Digits, size: int | None, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return `size` images of two digits each, and their labels, drawn by `seed`.

    Both digits come from permutations of the given ones, so that each is used as often as others
    (give or take one) in either place. On a canvas that is 8 pixels larger, the first lies within
    2 pixels of the upper left corner, the second within 2 of the lower right. Where they overlap
    the brighter pixel counts.
    """
    count = len(digits.images) if size is None else check_int("size", size, 1)
    draw = np.random.default_rng(check_int("seed", seed, 0))
    first, second = (_places(draw, len(digits.images), count) for _ in range(2))
    height, width = digits.images.shape[1:]
    canvas = np.zeros((count, height + _MARGIN, width + _MARGIN), np.uint8)
    for chosen, corner in ((first, 0), (second, _MARGIN - _JITTER)):
        top, left = corner + draw.integers(0, _JITTER, (2, count), endpoint=True)
        for row in range(count):
            y, x = top[row], left[row]
            window = canvas[row, y : y + height, x : x + width]
            np.maximum(window, digits.images[chosen[row]], out=window)
    labels = np.stack([digits.labels[first], digits.labels[second]], axis=1)
    return canvas, labels.astype(np.int32)


def _places(draw: np.random.Generator, available: int, count: int) -> NDArray[np.intp]:
    rounds = -(-count // available)
    return np.concatenate([draw.permutation(available) for _ in range(rounds)])[:count]
