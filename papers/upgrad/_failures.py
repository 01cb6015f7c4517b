"""Matrices on which other aggregators lack one of the three properties."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from papers._draws import Array, directions
from papers._orders import pcgrad_orders


def failures() -> dict[str, float]:
    """Compare the aggregators with their values in closed form."""
    return {**_min_norm(), **_projections(), **_equal_cosines(), **_conflict_averse(), **_aligned()}


def _min_norm() -> dict[str, float]:
    scales = np.array([0.25, 0.5, 1.0, 2.0])
    found = directions("mgda", _stack([[2, 0], [0, 2], [a, a]] for a in scales))
    zero = directions("mgda", _stack([[[1, 2], [0, 0], [3, 1]]]))
    return {
        "mgda_off": np.abs(found - np.minimum(scales, 1)[:, None]).max(),
        "mgda_with_zero_row": np.abs(zero).max(),
    }


def _projections() -> dict[str, float]:
    scales = np.array([0.25, 0.75, 2.0])
    found = directions("dual_proj", _stack([[2, 0], [-2 * a, 2 * a]] for a in scales))
    orders = pcgrad_orders(np.tile(np.array([[1.0, 0.0], [0.0, 1.0], [-0.5, -1.0]]), (60, 1, 1)))[0]
    corners = np.array([[a, b] for a in (0.4, 0.8) for b in (-0.2, 0.2)])
    away = np.abs(orders[:, None] - corners).max(axis=-1)
    return {
        "dual_proj_off": np.abs(found - [[0.5, 0.5], [0.25, 0.75], [0.0, 2.0]]).max(),
        "pcgrad_off": away.min(axis=1).max(),
        "pcgrad_values": float(len(set(away.argmin(axis=1).tolist()))),
    }


def _equal_cosines() -> dict[str, float]:
    rows = np.array([[1.0], [-1.0], [-1.0]])
    pulled = np.linalg.pinv(rows @ rows.T, hermitian=True) @ np.ones(3)
    return {
        "imtl_g_formula": (rows.T @ pulled / pulled.sum())[0],
        "imtl_g_ours": directions("imtl_g", rows[None])[0, 0],
    }


def _conflict_averse(c: float = 0.5) -> dict[str, float]:
    threshold = c / np.sqrt(1 - c**2)
    scales = threshold * np.array([0.5, 0.9, 0.999, 1.001, 1.1, 2.0])
    matrices = _stack([[2, 0], [-2 * a - 2, 2]] for a in scales)
    falls = np.einsum("kmd,kd->km", matrices, directions("cagrad", matrices, c=c))
    lost = falls.min(axis=1) < -1e-9
    return {"cagrad_misjudged": float(np.sum(lost != (scales > threshold)))}


def _aligned() -> dict[str, float]:
    scales = np.array([0.25, 0.5, 1.0, 2.0])
    found = directions("aligned_mtl", _stack([[1, 0], [0, a]] for a in scales))
    return {"aligned_off": np.abs(found - np.minimum(scales, 1)[:, None]).max()}


def _stack(matrices: Iterable[Any]) -> Array:
    return np.array(list(matrices), dtype=float)
