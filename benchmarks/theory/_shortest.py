"""The shortest point between two gradients, in closed form."""

import numpy as np


def shortest(rows: np.ndarray) -> np.ndarray:
    """Return the shortest convex combination of rows (..., 2, d), shape (..., d)."""
    first, second = rows[..., 0, :], rows[..., 1, :]
    apart = first - second
    square = np.maximum((apart**2).sum(axis=-1), np.finfo(float).tiny)
    share = np.clip(-(second * apart).sum(axis=-1) / square, 0, 1)[..., None]
    return np.asarray(share * first + (1 - share) * second)
