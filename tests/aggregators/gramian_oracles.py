"""More slow and obvious answers in float64, for methods that weigh the rows by their Gramian."""

import clarabel
import numpy as np
from scipy import sparse

from tests.aggregators import oracles


def lengths(J):
    return np.linalg.norm(J, axis=1)


def over(J, divisors):
    return J / np.where(divisors > 0, divisors, 1)[:, None]


def edm(J):
    """Weigh the unit rows as MGDA does, then bring the weights on the rows to a sum of 1."""
    J = J[lengths(J) > 0]
    shares = np.linalg.lstsq(over(J, lengths(J)).T, oracles.min_norm(over(J, lengths(J))))[0]
    weights = shares / lengths(J)
    return weights @ J / weights.sum()


def config(J):
    J = J[lengths(J) > 0]
    x = np.linalg.pinv(over(J, lengths(J)), rcond=1e-3).sum(axis=1)
    return (J @ x).sum() * x / (x @ x)


def gradops(J):
    """Subtract the least-squares fit by all other rows from each row that conflicts."""
    v = np.zeros(J.shape[1])
    for i, g in enumerate(J):
        others = np.delete(J, i, axis=0)
        fit = others.T @ np.linalg.lstsq(others.T, g)[0] if (others @ g < 0).any() else 0
        v += g - fit
    return v


def gradcraft(J, relaxation=0.1, margin=1e-10, norms=None):
    norms = lengths(J) if norms is None else norms
    H = (relaxation * norms.max() / np.where(norms > 0, norms, 1) + 1 - relaxation)[:, None] * J
    v = np.zeros(J.shape[1])
    for h in H:
        met = H[H @ h < 0]
        goal = margin * np.linalg.norm(h) * lengths(met) - met @ h
        v += h + np.linalg.pinv(met) @ goal if len(met) else h
    return v / len(J)


def pcd(J, tau=0.02, sizes=None):
    """Try every set of constraints as equalities; keep the feasible point nearest the first row."""
    scaled = over(J, lengths(J) if sizes is None else sizes)
    first, rest = scaled[0], scaled[1:][lengths(scaled[1:]) > 0]
    asked = tau * (rest**2).sum(axis=1)
    best = None
    for support in oracles.supports(len(rest)):
        met = rest[support]
        d = first + np.linalg.pinv(met) @ (asked[support] - met @ first) if support else first
        nearer = best is None or np.linalg.norm(d - first) < np.linalg.norm(best - first)
        if (rest @ d >= asked - 1e-9).all() and nearer:
            best = d
    if best is None or not first.any():
        return J[0]
    return best * np.linalg.norm(J[0]) / np.linalg.norm(best)


def hull_program(J, linear, tau, kappa, cap=1.0):
    """Minimise l'w + tau |J'w| + kappa/2 |J'w|^2 over capped weights by interior points."""
    m, d = J.shape
    zero, one = np.zeros, np.ones
    rows = sparse.csc_matrix(np.vstack([
        np.append(one(m), 0),
        np.hstack([-np.eye(m), zero((m, 1))]),
        np.hstack([np.eye(m), zero((m, 1))]),
        np.append(zero(m), -1),
        np.hstack([-J.T, zero((d, 1))]),
    ]))  # fmt: skip
    sides = np.concatenate([one(1), zero(m), np.full(m, max(cap, 1 / m)), zero(1 + d)])
    cones = [
        clarabel.ZeroConeT(1),
        clarabel.NonnegativeConeT(2 * m),
        clarabel.SecondOrderConeT(d + 1),
    ]
    quadratic = sparse.block_diag([kappa * J @ J.T, 0.0], format="csc")
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    goal = np.append(linear, tau)
    answer = clarabel.DefaultSolver(
        sparse.triu(quadratic, format="csc"), goal, rows, sides, cones, settings
    ).solve()
    return np.array(answer.x[:m])


def capped_mgda(J, cap=0.5):
    return hull_program(J, np.zeros(len(J)), 0.0, 1.0, cap) @ J


def imgrad(J, c=0.5):
    scale = lengths(J).max() or 1.0
    J, g0 = J / scale, J.mean(axis=0) / scale
    nearest, radius = oracles.min_norm(J), c * np.linalg.norm(g0)
    norms = np.linalg.norm(g0) * np.linalg.norm(nearest)
    mu = g0 @ nearest / norms if norms > 1e-9 else 0.0
    g = hull_program(J, (1 - mu) * J @ g0, (1 - mu) * radius, 2 * mu) @ J
    return scale * (g0 + radius * g / np.linalg.norm(g))


def son_goku(J, tau=0.25):
    """Colour by trying the vertices in order of degree; return the first colour's sum."""
    U = over(J, lengths(J))
    edges = -tau > U @ U.T
    colours = {}
    for k in sorted(range(len(J)), key=lambda k: -edges[k].sum()):
        taken = {colours[j] for j in colours if edges[k, j]}
        colours[k] = min(set(range(len(J))) - taken)
    return sum(J[k] for k in colours if colours[k] == 0)


def gcond(J):
    """Follow the paper's loop in float64 for a first step: no past rows, averages from 1."""
    rows, averages = J.copy(), 0.95 + 0.05 * lengths(J)
    for _ in range(2 * len(J)):
        n = lengths(rows)
        pairs = [(i, j) for i in range(len(J)) for j in range(i + 1, len(J)) if n[i] * n[j] > 1e-9]
        cosine, i, j = min(((rows[i] @ rows[j] / (n[i] * n[j]), i, j) for i, j in pairs),
                           default=(1, 0, 0))  # fmt: skip
        if cosine >= 0:
            break
        won = n[j] / averages[j] > n[i] / averages[i]
        winner, loser = (j, i) if won else (i, j)
        if cosine <= -0.8:
            angle = np.pi
        elif cosine <= -0.5:
            angle = np.pi / 2 * (1 + ((cosine + 0.5) / -0.3) ** 2)
        else:
            angle = np.pi / 2 * (1 - (cosine + 0.5) / 0.5)
        up = np.sin(angle) * (rows[i] @ rows[j]) / n[loser] ** 2 * rows[loser]
        down = np.sin(min(angle, np.pi / 2)) * (rows[i] @ rows[j]) / n[winner] ** 2 * rows[winner]
        rows[winner] -= up
        rows[loser] -= down
    return rows.sum(axis=0)
