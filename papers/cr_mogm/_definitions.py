"""The three methods for two objectives, by their definitions on the gradients themselves."""

import numpy as np
from scipy.optimize import minimize_scalar

from papers._draws import Array
from papers._min_norm import shortest


def _min_norm(rows: Array) -> Array:
    return np.asarray(rows.T @ shortest(rows))


def _projected(rows: Array) -> Array:
    inner = min(rows[0] @ rows[1], 0.0)
    first, second = rows / np.sum(rows**2, axis=1, keepdims=True)
    return np.asarray(rows.sum(axis=0) - inner * (first + second))


def _averse(rows: Array, c: float = 0.5) -> Array:
    mean = rows.mean(axis=0)
    radius = c * np.linalg.norm(mean)

    def dual(share: float) -> float:
        mixed = share * rows[0] + (1 - share) * rows[1]
        return float(mixed @ mean + radius * np.linalg.norm(mixed))

    share = minimize_scalar(dual, bounds=(0, 1), options={"xatol": 1e-12}).x
    mixed = share * rows[0] + (1 - share) * rows[1]
    return np.asarray(mean + radius * mixed / np.linalg.norm(mixed))


DEFINITIONS = {"mgda": _min_norm, "pcgrad": _projected, "cagrad": _averse}
