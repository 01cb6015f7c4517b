"""How far an answer is from its method's own definition, in float64, relative to the answer.

NaN where the definition has no answer: bargaining at a Pareto-stationary point, say.
"""

from collections.abc import Callable

import clarabel
import numpy as np
from scipy import optimize, sparse

Certificate = Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]


def hull_gap(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
    """Return |v|² - min g'v over |v|²: 0 for the shortest vector of the hull."""
    square = v @ v
    if np.sqrt(square) <= 1e-6 * _terms(J, weights):
        return 0.0
    return float((square - (J @ v).min()) / square)


def conflict(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
    """Return the largest -cos(g, v), at least 0."""
    lengths = np.linalg.norm(J, axis=1) * np.linalg.norm(v)
    if np.linalg.norm(v) <= 1e-6 * _terms(J, weights):
        return 0.0
    return float(max(0.0, -((J @ v) / np.where(lengths > 0, lengths, 1)).min()))


def projections(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
    """Return the spread of the projections on unit rows over |v|: 2 on ascent, infinite for 0."""
    units = _units(J)
    if np.linalg.cond(units) > 1e4:
        return np.nan
    if not v.any():
        return np.inf
    along = units @ v / np.linalg.norm(v)
    return 2.0 if along.max() < 0 else float(np.ptp(along))


def fairness(power: float) -> Certificate:
    """Return the certificate of α-fair weights: how unequal w^(1/α) (G w) is among the rows."""

    def off(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
        if _stationary(J):
            return np.nan
        if weights is None or not (weights > 0).all():
            return np.inf
        products = weights**power * (J @ (J.T @ weights))
        return float(np.abs(products / np.exp(np.log(np.abs(products)).mean()) - 1).max())

    return off


def worst_decrease(c: float) -> Certificate:
    """Return CAGrad's: what the least g'v misses of the best in the ball, and leaves the ball."""

    def missed(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
        mean = J.mean(axis=0)
        radius, scale = c * np.linalg.norm(mean), np.linalg.norm(mean) * np.linalg.norm(J)
        outside = max(0.0, np.linalg.norm(v - mean) - radius) / np.linalg.norm(mean)
        return float(max(outside, (_best_decrease(J, c) - (J @ v).min()) / scale))

    return missed


def components(J: np.ndarray, v: np.ndarray, weights: np.ndarray | None) -> float:
    """Return Aligned-MTL's distance from all principal components scaled to the smallest."""
    left, sizes, right = np.linalg.svd(J, full_matrices=False)
    rank = np.linalg.matrix_rank(_units(J), tol=1e-5)
    ideal = sizes[rank - 1] * (left[:, :rank] @ right[:rank]).sum(axis=0)
    return float(np.linalg.norm(v - ideal) / np.linalg.norm(ideal))


def _units(J: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(J, axis=1)[:, None]
    return J / np.where(lengths > 0, lengths, 1)


def _terms(J: np.ndarray, weights: np.ndarray | None) -> float:
    """Return the total length of the terms of v: what its rounding is relative to."""
    lengths = np.linalg.norm(J, axis=1)
    return float(lengths.max() if weights is None else np.abs(weights) @ lengths)


def _stationary(J: np.ndarray) -> bool:
    """Whether the hull of the unit rows comes near 0, by non-negative least squares."""
    sums = np.vstack([_units(J).T, np.ones(len(J))])
    return bool(optimize.nnls(sums, np.append(np.zeros(J.shape[1]), 1.0))[1] < 1e-2)


def _best_decrease(J: np.ndarray, c: float) -> float:
    """Maximise min g'v over the ball by an interior-point method."""
    scale, (m, d) = np.abs(J).max(), J.shape
    J = J / scale
    mean = J.mean(axis=0)
    rows = sparse.csc_matrix(np.vstack([
        np.hstack([-J, np.ones((m, 1))]),
        np.zeros((1, d + 1)),
        np.hstack([-np.eye(d), np.zeros((d, 1))]),
    ]))  # fmt: skip
    sides = np.concatenate([np.zeros(m), [c * np.linalg.norm(mean)], -mean])
    cones = [clarabel.NonnegativeConeT(m), clarabel.SecondOrderConeT(d + 1)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    nothing, goal = sparse.csc_matrix((d + 1, d + 1)), np.append(np.zeros(d), -1.0)
    answer = clarabel.DefaultSolver(nothing, goal, rows, sides, cones, settings).solve()
    return float(-answer.obj_val * scale**2)
