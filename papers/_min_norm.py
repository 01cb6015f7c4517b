"""The shortest vector in the convex hull of some rows, by non-negative least squares."""

from typing import Any

import numpy as np
from scipy.optimize import nnls

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


def shortest(rows: Array) -> Array:
    """Return the weights w on the simplex that minimise |rows' w|, for rows (m, d).

    The minimiser of |rows' w|^2 + (1'w - 1)^2 over w >= 0 is a multiple of them.
    """
    scaled = rows / max(np.abs(rows).max(), np.finfo(float).tiny)
    weights: Array = nnls(
        np.vstack([scaled.T, np.ones(len(rows))]), np.r_[np.zeros(rows.shape[1]), 1.0]
    )[0]
    return weights / weights.sum()


def gap(rows: Array) -> float:
    """Return the length of that vector: 0 at a Pareto-stationary point."""
    return float(np.linalg.norm(rows.T @ shortest(rows)))
