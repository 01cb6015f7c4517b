"""Slow and obvious answers in float64: enumeration, singular values, a conic program."""

import itertools

import clarabel
import numpy as np
from scipy import sparse


def supports(m):
    return [s for k in range(m + 1) for s in map(list, itertools.combinations(range(m), k))]


def min_norm(J):
    """Try every face of the simplex; return the shortest vector of the hull."""
    best = None
    for support in supports(len(J))[1:]:
        rows = J[support]
        base, edges = rows[0], rows[1:] - rows[0]
        shares = -np.linalg.pinv(edges @ edges.T, rcond=1e-10) @ (edges @ base)
        if (shares >= -1e-12).all() and shares.sum() <= 1 + 1e-12:
            point = base + shares @ edges
            best = point if best is None or point @ point < best @ best else best
    return best


def dual_projection(J, vector):
    """Try every face of the dual cone; return the nearest point that conflicts with no row."""
    units = J / np.where(np.linalg.norm(J, axis=1) > 0, np.linalg.norm(J, axis=1), 1)[:, None]
    best = None
    for support in supports(len(J)):
        rows = units[support]
        point = vector - rows.T @ (np.linalg.pinv(rows.T, rcond=1e-7) @ vector)
        if (units @ point >= -1e-9 * np.linalg.norm(vector)).all() and (
            best is None or np.linalg.norm(point - vector) < np.linalg.norm(best - vector)
        ):
            best = point
    return best


def upgrad(J):
    return np.mean([dual_projection(J, g) for g in J], axis=0)


def dual_proj(J):
    return dual_projection(J, J.mean(axis=0))


def cagrad_value(J, c):
    """Solve the primal: the largest least g·v in the ball, by an interior-point method."""
    scale = np.abs(J).max() or 1.0
    J, d = J / scale, J.shape[1]
    g0 = J.mean(axis=0)
    rows = sparse.csc_matrix(np.vstack([
        np.hstack([-J, np.ones((len(J), 1))]),
        np.zeros((1, d + 1)),
        np.hstack([-np.eye(d), np.zeros((d, 1))]),
    ]))  # fmt: skip
    sides = np.concatenate([np.zeros(len(J)), [c * np.linalg.norm(g0)], -g0])
    cones = [clarabel.NonnegativeConeT(len(J)), clarabel.SecondOrderConeT(d + 1)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    goal = np.append(np.zeros(d), -1.0)
    nothing = sparse.csc_matrix((d + 1, d + 1))
    answer = clarabel.DefaultSolver(nothing, goal, rows, sides, cones, settings).solve()
    return -answer.obj_val * scale**2


def imtl_g(J):
    lengths = np.linalg.norm(J, axis=1)
    u = np.linalg.solve(J @ J.T / np.outer(lengths, lengths), np.ones(len(J)))
    w = u / lengths
    return w @ J / abs(w.sum())


def aligned_mtl(J):
    """Replace the singular values of J by the smallest of them that is not 0."""
    lengths = np.linalg.norm(J, axis=1)
    rank = np.linalg.matrix_rank(J / np.where(lengths > 0, lengths, 1)[:, None], tol=1e-5)
    left, sizes, right = np.linalg.svd(J, full_matrices=False)
    return sizes[rank - 1] * (left[:, :rank] @ right[:rank]).sum(axis=0) if rank else 0 * J[0]


def pcgrad_part(J, i, order):
    """Follow the paper's inner loop for one gradient and one order of the others."""
    p = J[i].copy()
    for j in order:
        if p @ J[j] < 0:
            p -= p @ J[j] / (J[j] @ J[j]) * J[j]
    return p


def pcgrad_all(J):
    """Return the sums for all orders of all rows, shape (number, d)."""
    others = [set(range(len(J))) - {i} for i in range(len(J))]
    parts = [
        [pcgrad_part(J, i, order) for order in itertools.permutations(rest)]
        for i, rest in enumerate(others)
    ]
    return np.array([sum(choice) for choice in itertools.product(*parts)])
