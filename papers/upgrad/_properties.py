"""UPGrad's three properties and Lemma 5 on random Jacobians."""

import numpy as np
from scipy.optimize import nnls

from papers._draws import Array, directions, jacobians


def properties(draws: int) -> dict[str, float]:
    """Check conflict, linearity under scaling, the dual cone and Lemma 5 on random Jacobians."""
    found = [_properties(jacobians(draws, m, m + 2), m) for m in (2, 3, 5)]
    pairs = jacobians(draws, 2, 4)
    away = directions("pcgrad", pairs) - 2 * directions("upgrad", pairs)
    return {name: max(one[name] for one in found) for name in found[0]} | {
        "distance_to_pcgrad": _relative(away, pairs),
    }


def _properties(matrices: Array, m: int) -> dict[str, float]:
    first, second = np.exp(np.random.default_rng(m).normal(size=(2, *matrices.shape[:2], 1)))
    v = directions("upgrad", matrices)
    parts = [directions("upgrad", scale * matrices) for scale in (first, second)]
    both = directions("upgrad", (first + second) * matrices)
    falls = np.einsum("kmd,kd->km", matrices, v)
    lengths = np.linalg.norm(matrices, axis=-1) * np.linalg.norm(v, axis=-1, keepdims=True)
    projected = np.array([_mean_projection(rows) for rows in matrices])
    return {
        "conflict": -(falls / lengths).min(),
        "off_linearity": _relative(both - sum(parts), (first + second) * matrices),
        "off_the_projection": _relative(v - projected, matrices),
        "share_of_lemma_5": ((v**2).sum(axis=-1) / falls.sum(axis=-1)).max(),
    }


def _mean_projection(rows: Array) -> Array:
    # The projection of g on {x : J x >= 0} is g + J'z, with z >= 0 of the shortest such vector.
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = [g + units.T @ nnls(units.T, -g)[0] for g in rows]
    return np.mean(found, axis=0)


def _relative(away: Array, matrices: Array) -> float:
    return float((np.linalg.norm(away, axis=-1) / np.linalg.norm(matrices, axis=(1, 2))).max())
