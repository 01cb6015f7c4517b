"""MGDA for multi-task learning: its direction, its solvers, and the bound at the representation."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo
from papers._draws import Array, directions, jacobians
from papers._min_norm import shortest
from papers._paper import Settings
from papers._quadratics import descend, quadratics

# A representation of two entries whose derivatives have the Gramian [[1, -2], [-2, 5]].
TRUNK = np.array([[1.0, 0.0], [-2.0, 1.0]])
TASKS, CONDITIONS = (2, 3, 5), (1, 2, 5, 10, 20, 50)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {
        **direction(settings["draws"]), **two_tasks(settings["draws"]), **frank_wolfe(),
        **representation(settings["full_rank"]), **counterexample(), **descent(),
    }  # fmt: skip


def direction(draws: int) -> dict[str, float]:
    """Check the descent of all tasks, and the weights, on random Jacobians."""
    short, off = [], []
    for m in TASKS:
        matrices = jacobians(draws, m, m + 2)
        v = directions("mgda", matrices)
        squares = (v**2).sum(axis=-1)
        falls = np.einsum("kmd,kd->km", matrices, v).min(axis=-1)
        short.append(((squares - falls) / squares).max())
        best = np.array([rows.T @ shortest(rows) for rows in matrices])
        off.append((np.linalg.norm(v - best, axis=-1) / np.linalg.norm(v, axis=-1)).max())
    return {"short_of_descent": max(short), "off_the_shortest": max(off)}


def two_tasks(draws: int) -> dict[str, float]:
    """Compare two tasks with the clipped closed form, and cases whose weights are 1 and 0."""
    matrices = jacobians(draws, 2, 4)
    first, second = matrices[:, 0], matrices[:, 1]
    away = second - first
    share = np.clip((away * second).sum(-1) / (away**2).sum(-1), 0, 1)[:, None]
    closed = share * first + (1 - share) * second
    off = np.linalg.norm(directions("mgda", matrices) - closed, axis=-1)
    return {"off_the_closed_form": (off / np.linalg.norm(matrices, axis=(1, 2))).max()}


def frank_wolfe(iterations: int = 2_000) -> dict[str, float]:
    """Run the published solver with exact line search, and compare it with moo's exact weights."""
    matrices = jacobians(20, 3, 5)
    grams = matrices @ np.swapaxes(matrices, 1, 2)
    exact = (directions("mgda", matrices) ** 2).sum(axis=-1)
    gaps = [
        _frank_wolfe(gram, iterations) - least for gram, least in zip(grams, exact, strict=True)
    ]
    largest = np.trace(grams, axis1=1, axis2=2)
    corner = moo.aggregator("mgda", num_objectives=2)
    rows = jnp.array([[1.0, 0.0], [3.0, 1.0]])
    _, state = corner.update(moo.stacked_jacobian(rows), corner.init(rows[0]), rows[0])
    return {
        "frank_wolfe_excess": (np.array(gaps) / largest).max(),
        "vertex_weight": float(state.weights[1]),
    }


def _frank_wolfe(gram: Array, iterations: int) -> float:
    weights = np.full(len(gram), 1 / len(gram))
    for _ in range(iterations):
        away = -weights
        away[(gram @ weights).argmin()] += 1
        curvature = away @ gram @ away
        if curvature > 0:
            weights = weights + np.clip(-(away @ gram @ weights) / curvature, 0, 1) * away
    return float(weights @ gram @ weights)


def representation(draws: int) -> dict[str, float]:
    """Put MGDA at the representation on random trunks of full rank: bound, and tasks that rise."""
    rng = np.random.default_rng(0)
    trunks = rng.normal(size=(draws, 6, 8))
    rows = rng.normal(size=(draws, 3, 6))
    mixed = np.einsum("km,kmz->kz", rng.dirichlet(np.ones(3), draws), rows)
    pulled = np.einsum("kz,kzd->kd", mixed, trunks)
    sizes = np.linalg.norm(trunks, ord=2, axis=(1, 2))
    short = np.linalg.norm(pulled, axis=-1) / (sizes * np.linalg.norm(mixed, axis=-1))
    return {"share_of_bound": short.max(), "raising_share": _raising_share(trunks, rows)}


def _raising_share(trunks: Array, rows: Array) -> float:
    v = np.asarray(jax.jit(jax.vmap(at_representation))(trunks, rows))
    falls = np.einsum("kmz,kzd,kd->km", rows, trunks, v)
    return float(np.mean(falls.min(axis=-1) < -1e-9))


def at_representation(trunk: jax.Array, rows: jax.Array) -> jax.Array:
    """Return MGDA's direction with the weights of the gradients `rows` at z = trunk @ theta."""
    tx, point = moo.aggregator("mgda", num_objectives=len(rows)), jnp.zeros(trunk.shape[1])
    jac = moo.feature_jacobian(lambda theta: trunk @ theta, lambda _, z: rows @ z, point)
    found: jax.Array = tx.update(jac, tx.init(point), point)[0]
    return found


def counterexample() -> dict[str, float]:
    """Return the first task's slope in two dimensions, and a stationary representation."""
    rows = np.eye(2)
    upper = np.asarray(at_representation(jnp.asarray(TRUNK), jnp.asarray(rows)))
    opposite = jnp.array([[1.0, 2.0], [-2.0, -4.0]])
    return {
        "slope_at_representation": (rows @ TRUNK)[0] @ upper,
        "slope_of_mgda": ((rows @ TRUNK) @ directions("mgda", (rows @ TRUNK)[None])[0]).min(),
        "stationary_step": np.abs(at_representation(jnp.asarray(TRUNK), opposite)).max(),
    }


def descent() -> dict[str, float]:
    """Return what the worst loss falls short of |v|^2 / (2 L) in a step of 1 / L."""
    given = quadratics(20, 3, 4)
    points, losses = descend("mgda", given, 100, rate=1 / given.smoothness)
    squares = (np.diff(points, axis=1) ** 2).sum(axis=-1) * given.smoothness[:, None] / 2
    return {"short_of_guarantee": (squares - (-np.diff(losses, axis=1)).min(axis=-1)).max()}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw how often a loss rises by the conditioning of dZ/dtheta, with two standard errors."""
    draws, rng = settings["full_rank"], np.random.default_rng(0)
    left, _, right = np.linalg.svd(rng.normal(size=(draws, 6, 8)), full_matrices=False)
    trunks = [(left * np.geomspace(1, 1 / c, 6)) @ right for c in CONDITIONS]
    shares = np.array(
        [[_raising_share(trunk, rng.normal(size=(draws, m, 6))) for trunk in trunks] for m in TASKS]
    )
    error = 2 * np.sqrt(shares * (1 - shares) / draws)
    figure, axes = moo.plotting.plot_along(
        shares, shares - error, shares + error, at=CONDITIONS, width="column",
        groups=[f"{m} tasks" for m in TASKS],
        labels=(r"condition number of $\partial Z/\partial\theta$", "share with a loss that rises"),
    )  # fmt: skip
    axes[0].text(50, 0.01, "Theorem 1 (b)", ha="right", va="bottom", size=7.5, family="serif")
    return {"rises": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("mgda"))
