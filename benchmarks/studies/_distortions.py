"""Distorted copies of images, by small affine maps that follow from a seed."""

import numpy as np

# Half the range of angle and shear, of the logarithm of the scale, and of the shift in pixels.
_TURN, _SCALE, _SHIFT = 0.2, 0.15, 2.0


def distorted(images: np.ndarray, copies: int, *, seed: int = 0) -> np.ndarray:
    """Return copies of images, each copy under an affine map of its own: nearest pixels, 0 beyond.

    Args:
        images: (n, H, W).
        copies: how many, at least 1; the first is the images as they are.
        seed: seed of the maps.

    Returns:
        Copy after copy, (copies * n, H, W).

    Example:
        >>> images = np.eye(4, dtype=np.uint8)[None]
        >>> found = distorted(images, 3)
        >>> found.shape, bool((found[0] == images[0]).all())
        ((3, 4, 4), True)

    Source: Simard et al., Best Practices for Convolutional Neural Networks, ICDAR 2003.
    """
    draw = np.random.default_rng(seed)
    height, width = images.shape[1:]
    found = [images]
    for _ in range(copies - 1):
        row, column = _sources(draw, height, width)
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        row, column = row.clip(0, height - 1), column.clip(0, width - 1)
        found.append(np.where(inside, images[:, row, column], 0))
    return np.concatenate(found)


def _sources(draw: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which pixel each pixel of the copy is taken from, about the image's centre."""
    turn, shear = draw.uniform(-_TURN, _TURN, 2)
    scale = np.diag(np.exp(draw.uniform(-_SCALE, _SCALE, 2)))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.array([height - 1, width - 1]) / 2
    pixels = np.indices((height, width)).reshape(2, -1) - centre[:, None]
    moved = rotation @ np.array([[1, shear], [0, 1]]) @ scale @ pixels
    moved += (centre + draw.uniform(-_SHIFT, _SHIFT, 2))[:, None]
    row, column = np.rint(moved).astype(np.intp).reshape(2, height, width)
    return row, column
