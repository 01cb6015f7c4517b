"""The Jacobians of the comparison: ordinary ones, and those on which implementations part."""

from typing import Any

import numpy as np

OBJECTIVES, PARAMETERS, NUMBER = 3, 6, 40
LOSSES = np.array([1.0, 2.0, 0.5], np.float32)


def ordinary() -> np.ndarray:
    """Gaussian entries, rows of like length; shape (n, 3, 6)."""
    return _gaussian(0)


def hard() -> dict[str, np.ndarray]:
    """What training meets as well, by name; each of shape (n, 3, 6)."""
    base = _gaussian(1)
    spread = 10.0 ** np.random.default_rng(2).uniform(-2, 2, (NUMBER, OBJECTIVES, 1))
    hull = base.copy()
    hull[:, 2] = -0.4 * base[:, 0] - 0.6 * base[:, 1] + 3e-2 * base[:, 2]
    flat = base.copy()
    flat[:, 2] = base[:, 0] + base[:, 1]
    finished = base.copy()
    finished[:, 2] = 0
    return {
        "rows of lengths 1e-2 to 1e2": _single(base * spread),
        "all entries times 1e-4": _single(base * 1e-4),
        "near a stationary point": _single(hull),
        "of rank 2": _single(flat),
        "with a zero row": _single(finished),
    }


def halves(J: Any) -> tuple[Any, Any]:
    """Return the Jacobians of two batches with the mean J; its columns reversed are the noise."""
    noise = 0.5 * J[:, ::-1]
    return J - noise, J + noise


def _gaussian(seed: int) -> np.ndarray:
    return _single(np.random.default_rng(seed).standard_normal((NUMBER, OBJECTIVES, PARAMETERS)))


def _single(stack: np.ndarray) -> np.ndarray:
    return stack.astype(np.float32)
