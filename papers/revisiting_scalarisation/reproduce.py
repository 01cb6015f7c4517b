"""How much of the front weighted sums reach: three tasks through one shared direction, exactly."""

import sys
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import optax
from matplotlib.figure import Figure
from numpy.typing import NDArray

import moo
from papers._draws import Array
from papers._paper import Settings
from papers._toy import ends

CONFLICT, AGREEMENT = -0.3, 0.2  # inner products of the tasks
PATTERNS = np.array([[1, 1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]])  # signs of u . y_k
SUBSETS = [list(one) for size in (1, 2, 3) for one in combinations(range(3), size)]


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**shares(settings["points"]), **signs(settings["instances"], settings["points"])}
    return found | (runs(settings["starts"]) if settings["starts"] else {})


def tasks(inner: Array) -> Array:
    """Return unit vectors y_k in the rows of (3, 3), of inner products 12, 13, 23."""
    gram = np.eye(3)
    gram[[0, 0, 1], [1, 2, 2]] = gram[[1, 2, 2], [0, 0, 1]] = inner
    return np.asarray(np.linalg.cholesky(gram))


def losses(u: Array, y: Array) -> Array:
    """Return 1 - (u . y_k)^2 for unit vectors u (n, 3)."""
    return np.asarray(1 - (u @ y.T) ** 2)


def front(y: Array, points: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return Pareto-optimal u of an even grid on the half sphere, and which a weighted sum has.

    With u = sum_k c_k y_k the slopes of sum_k w_k f_k vanish for w_k = c_k / (u . y_k) alone. Those
    must not be negative. A weighted sum has its optimum at u if no eigenvalue of sum_k w_k y_k y_k'
    exceeds that of u, which is 1.
    """
    u = _half_sphere(points)
    w = np.linalg.solve(y.T, u.T).T / (u @ y.T)
    optimal = (w >= 0).all(axis=1) & (lowest(y @ y.T, np.abs(u @ y.T)) > 1 - 1e-9)
    u, w = u[optimal], w[optimal]
    top = np.linalg.eigvalsh(np.einsum("nk,ki,kj->nij", w, y, y))[:, -1]
    return u, top < 1 + 1e-9


def _half_sphere(points: int) -> Array:
    height = (np.arange(points) + 0.5) / points
    angle, ring = np.pi * (1 + np.sqrt(5)) * points * height, np.sqrt(1 - height**2)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1)


def lowest(gram: Array, sizes: Array) -> Array:
    """Return the least |v|^2 with |v . y_k| >= sizes (n, 3): below 1, a unit vector dominates.

    For each pattern of signs it is a small quadratic program, solved over its active constraints.
    """
    best = np.full(len(sizes), np.inf)
    for pattern, active in product(PATTERNS, SUBSETS):
        least = pattern[active, None] * sizes.T[active]
        pulls = np.linalg.solve(gram[np.ix_(active, active)], least)
        along = pattern[:, None] * (gram[:, active] @ pulls)
        feasible = (along >= sizes.T - 1e-12).all(axis=0)
        best = np.where(feasible, np.minimum(best, (least * pulls).sum(axis=0)), best)
    return best


def shares(points: int) -> dict[str, float]:
    """Return the share of the front that weighted sums reach, and how balanced the rest is."""
    found = {}
    for inner, words in ((AGREEMENT, "agreement"), (CONFLICT, "conflict")):
        y = tasks(np.full(3, inner))
        u, reached = front(y, points)
        found[f"reached_in_{words}"] = reached.mean()
        found[f"near_a_sum_in_{words}"] = np.mean(_away(losses(u, y), y) <= 0.03)
    spread = np.ptp(losses(u, y), axis=1)
    return found | {"missed_spread_over_reached": spread[~reached].mean() / spread[reached].mean()}


def signs(instances: int, points: int) -> dict[str, float]:
    """Return shares reached by the sign of the product of the inner products."""
    drawn = np.random.default_rng(0).uniform(-0.7, 0.7, size=(20 * instances, 3))
    volume = 1 - np.sum(drawn**2, axis=1) + 2 * drawn.prod(axis=1)
    drawn = drawn[(volume > 0.05) & (np.abs(drawn) > 0.1).all(axis=1)][:instances]
    found = np.array([front(tasks(inner), points)[1].mean() for inner in drawn])
    positive = drawn.prod(axis=1) > 0
    return {
        "least_reached_if_positive": found[positive].min(),
        "most_reached_if_negative": found[~positive].max(),
    }


def runs(starts: int) -> dict[str, float]:
    """Return how many ends of MGDA are Pareto-optimal and far from all weighted sums."""
    y, u = tasks(np.full(3, CONFLICT)), _ends(starts)
    optimal = lowest(y @ y.T, np.abs(u @ y.T)) > 1 - 1e-3
    missed = optimal & (_away(losses(u, y), y) > 0.05)
    return {"mgda_ends_missed_by_sums": missed.sum()}


def _ends(starts: int) -> Array:
    first = np.random.default_rng(2).normal(size=(starts, 3))
    problem = replace(moo.problem("hu_scalarization", inner=CONFLICT), starts=_unit(first))
    tx = moo.optimizer("mgda", optax.sgd(0.05), num_objectives=3)
    return _unit(ends(moo.run(problem, tx, steps=2000, every=2000)))


def _unit(u: Array) -> NDArray[np.float64]:
    return np.asarray(u / np.linalg.norm(u, axis=1, keepdims=True), np.float64)


def _away(points: Array, y: Array) -> Array:
    """Return distances of losses (n, 3) to the nearest optimum of a weighted sum."""
    sums = _sums(y, 20_000)
    return np.array([np.linalg.norm(sums - one, axis=1).min() for one in points])


def _sums(y: Array, number: int) -> Array:
    """Return the losses at the optima of random weighted sums: leading eigenvectors."""
    w = np.random.default_rng(1).dirichlet(np.full(3, 0.5), number)
    leading = np.linalg.eigh(np.einsum("nk,ki,kj->nij", w, y, y))[1][..., -1]
    return losses(leading, y)


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what weighted sums reach, and where MGDA ends, over the front."""
    y = tasks(np.full(3, CONFLICT))
    u, reached = front(y, 1500)
    shown = {
        "missed by all weighted sums": losses(u[~reached], y),
        "optima of weighted sums": _sums(y, 300),
        "ends of MGDA": losses(_ends(settings["starts"]), y),
    }
    figure, axes = moo.plotting.plot_front(shown, triple=(0, 1, 2))
    axes.set_position((0.1, 0.03, 0.82, 0.8))
    return {"front": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("revisiting_scalarisation"))
