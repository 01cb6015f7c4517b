"""Slow and obvious answers of the methods by preferences, in float64, with scipy's programs."""

import numpy as np
from scipy.optimize import linprog

from tests.aggregators import oracles


def simplex_program(goal, rows, bounds):
    """Maximise goal'x subject to rows x >= bounds in the simplex; None if nothing is feasible."""
    n = len(goal)
    answer = linprog(-goal, A_ub=-rows, b_ub=-bounds, A_eq=np.ones((1, n)), b_eq=[1.0])
    return answer.x if answer.status == 0 else None


def epo(J, losses, r, eps=1e-4, relax=False):
    """Return the weights of the authors' linear programs."""
    m, C = len(J), J @ J.T
    shares = r * losses / (r @ losses)
    mu = shares @ np.log(m * shares)
    pulls = C @ (r * (np.log(m * shares) - mu))
    if mu > eps:
        bounds = np.where(pulls > 0, -np.inf, pulls) if (pulls > 0).any() else np.zeros(m)
        bounds = np.where(shares == shares.max(), 0, bounds)
        kept = np.isfinite(bounds)
        weights = simplex_program(pulls, C[kept], bounds[kept])
    else:
        rows = C if relax else np.vstack([C, pulls])
        bounds = np.append(np.zeros(m), min(0.0, pulls.max()))[: len(rows)]
        weights = simplex_program(C.sum(axis=0), rows, bounds)
    return r / r.sum() if weights is None else weights


def from_ray(losses, ray):
    """Return the distance of the losses from a ray, and its gradient."""
    unit = ray / np.linalg.norm(ray)
    part = losses - (losses @ unit) * unit
    distance = np.linalg.norm(part)
    return distance, part / distance


def pmgda(J, losses, ray, sigma=0.95):
    """Return the weights off the ray: the least c of the program in shares and c."""
    m = len(J)
    _, pull = from_ray(losses, ray)
    R = np.vstack([J, pull @ J])
    lengths = np.linalg.norm(R, axis=1)
    Q = R @ (R / lengths[:, None]).T
    upper = np.vstack([
        np.hstack([-Q[:m] / lengths[:m, None], -1 / lengths[:m, None]]),
        np.append(-Q[m], 0) / lengths[m],
    ])  # fmt: skip
    limits = np.append(np.zeros(m), -sigma)
    shares = np.append(np.ones(m + 1), 0)[None]
    bounds = [(0, None)] * (m + 1) + [(None, None)]
    goal = np.append(np.zeros(m + 1), 1)
    mu = linprog(goal, A_ub=upper, b_ub=limits, A_eq=shares, b_eq=[1], bounds=bounds).x
    return mu[:m] / lengths[:m] + mu[m] / lengths[m] * pull


def stationarity(J):
    """Return the squared length of the hull's shortest vector over the mean of the rows'."""
    mean = np.mean(np.sum(J**2, axis=1))
    shortest = oracles.min_norm(J)
    return (shortest @ shortest) / (mean if mean > 0 else 1.0)


def png(J, pull, alpha=0.5, threshold=0.1):
    """Try every set of constraints that hold with equality; return the weights of the nearest v."""
    shortest = oracles.min_norm(J)
    floor = alpha * shortest @ shortest
    if stationarity(J) <= threshold:
        return pull
    best = None
    for support in oracles.supports(len(J)):
        weights = pull.copy()
        rows = J[support]
        missing = floor - rows @ (pull @ J)
        weights[support] += np.linalg.lstsq(rows @ rows.T, missing, rcond=1e-10)[0]
        met = (J @ (weights @ J) >= floor * (1 - 1e-6)).all()
        size = np.linalg.norm((weights - pull) @ J)
        if met and (best is None or size < best[0]):
            best = size, weights
    return best[1]


def simplex_point(point):
    """Return the projection onto the simplex, by bisection of its threshold."""
    low, high = point.min() - 1, point.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(point - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(point - low, 0)


def ferero(J, losses, ray, gamma=0.1, c=0.1, steps=1, bound=10):
    """Return the weights after some steps at one point, in an orthonormal basis of the paper's."""
    basis = np.linalg.svd(ray[None])[2][1:]
    G, shares, tilts = J @ J.T, np.full(len(J), 1 / len(J)), np.zeros(len(J) - 1)
    for _ in range(steps):
        slopes = G @ (shares + basis.T @ tilts)
        shares = simplex_point(shares - gamma * slopes)
        tilts = tilts - gamma * (basis @ slopes - c * basis @ losses)
        tilts = tilts * min(1, bound / max(np.linalg.norm(tilts), bound))
    return shares + basis.T @ tilts
