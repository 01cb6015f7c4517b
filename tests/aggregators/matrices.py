"""Constructed Jacobians on which aggregation methods are known to break, as float32 matrices."""

import itertools

import numpy as np


def _random(m, d, number, seed):
    rng = np.random.default_rng(seed)
    scales = np.exp(rng.standard_normal((number, m, 1)))
    return {f"random {k}": J for k, J in enumerate(scales * rng.standard_normal((number, m, d)))}


def pairs():
    """Return matrices of two rows by name, shape (2, 4)."""
    g = np.array([1.0, 0.2, -0.5, 0.0])
    rows = {
        "worked": [[1, 0.2, -0.5, 0], [-0.8, 0.9, 0.1, 0]],
        "orthogonal": [[2, 0, 0, 0], [0, 5, 0, 0]],
        "scale trap": [[100, 10, 0, 0], [-0.3, 0.5, 0, 0]],
        "ratio 1e3": [[1000, 200, 0, 0], [-0.5, 1, 0.2, 0]],
        "aligned": [[1, 0, 0, 0], [1000, 0, 0, 0]],
        "duplicate": [g, g],
        "opposite": [g, -2 * g],
        "near-stationary": [[1, 0, 0, 0], [-1, 0.01, 0, 0]],
        "zero row": [g, 0 * g],
        "all zero": [0 * g, 0 * g],
    }
    return _float32(rows | _random(2, 4, 6, seed=0))


def quadruples():
    """Return matrices of four rows by name, shape (4, 6)."""
    rng = np.random.default_rng(1)
    base = rng.standard_normal((4, 6))
    flat = np.pad(rng.standard_normal((4, 2)), ((0, 0), (0, 4)))
    forward = np.abs(base) * [[1], [3], [0.5], [2]]
    half = flat * np.sign(flat[:, :1])
    inside = np.vstack([base[:3], -(base[:3].T @ [0.2, 0.3, 0.5])])
    rows = {
        "rank 2": flat,
        "rank 2, one side": half + np.eye(6)[0],
        "row scales": base * [[1], [1e-3], [1e-6], [1]],
        "row scales, one side": forward * [[1], [1e-3], [1e-6], [1]],
        "duplicates": base[[0, 1, 0, 1]],
        "opposite": np.vstack([base[:3], -base[0]]),
        "zero row": base * [[1], [0], [1], [1]],
        "all zero": 0 * base,
        "stationary": inside,
        "near-stationary": inside + 0.01 * base[3],
        "equal": np.tile(base[0], (4, 1)),
        "sign trap": [[1, 0, 0, 0, 0, 0], [-0.98, 0.199, 0, 0, 0, 0],
                      [0, 0, 0.3, 0, 0, 0], [0, 0, 0, 5, 0, 0]],
    }  # fmt: skip
    return _float32(rows | _random(4, 6, 6, seed=2))


def masks(m):
    """Return every mask of m objectives with at least one of them active."""
    return [np.array(mask) for mask in itertools.product([True, False], repeat=m) if any(mask)]


def _float32(rows):
    return {name: np.asarray(J, np.float32) for name, J in rows.items()}
