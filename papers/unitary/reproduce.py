"""In defence of unitary scalarization: where specialised methods stop, and what they weigh."""

import sys
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure
from numpy.typing import NDArray

import moo
from papers._draws import cosines, directions, jacobians
from papers._orders import pcgrad_orders
from papers._paper import Settings

HESSIANS = np.stack([np.diag([1.0, 0.25]), np.diag([0.25, 1.0])])
CENTRES = np.array([[1.0, 1.0], [-1.0, -1.0]])
STARTS = np.array([[-2.5, 1.5], [-1.0, 2.5], [2.5, 2.0], [2.0, -1.5], [-0.5, -2.5]])
METHODS = {"sum": "sum", "MGDA": "mgda", "IMTL-G": "imtl_g", "PCGrad": "pcgrad"}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws = settings["draws"]
    return {
        **stationary_points(),
        **equal_cosines(draws),
        **reweighting(draws),
        **dropping(draws),
    }


def stationary_points(points: int = 51) -> dict[str, float]:
    """Count where MGDA and descent on the mean stop, on the Pareto set of two quadratics."""
    rows = np.einsum("ide,kie->kid", HESSIANS, _minimisers(points)[:, None] - CENTRES)
    steps = {"mgda_stops": directions("mgda", rows), "mean_stops": rows.mean(axis=1)}
    return {name: float(np.sum(np.linalg.norm(v, axis=-1) < 1e-12)) for name, v in steps.items()}


def _minimisers(points: int) -> NDArray[np.float64]:
    """Return the Pareto set: the minimisers of weighted sums, (points, 2)."""
    shares = np.linspace(0, 1, points)
    weights = np.stack([shares, 1 - shares], axis=1)
    pulls = np.einsum("ki,ide,ie->kd", weights, HESSIANS, CENTRES)
    mixed = np.einsum("ki,ide->kde", weights, HESSIANS)
    found: NDArray[np.float64] = np.linalg.solve(mixed, pulls[..., None])[..., 0]
    return found


def _losses(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    away = x - CENTRES
    return jnp.einsum("id,ide,ie->i", away, HESSIANS, away) / 2


def equal_cosines(draws: int) -> dict[str, float]:
    """Compare IMTL-G with the steepest direction of equal cosines, and where there is none."""
    matrices = jacobians(draws, 3, 5)
    units = matrices / np.linalg.norm(matrices, axis=-1, keepdims=True)
    steepest = np.linalg.pinv(units) @ np.ones(3)
    flat = directions("imtl_g", jacobians(draws, 3, 2))
    return {
        "off_the_steepest": (1 - cosines(directions("imtl_g", matrices), steepest)).max(),
        "step_in_the_affine_hull": np.abs(flat).max(),
    }


def reweighting(draws: int) -> dict[str, float]:
    """Return by how much PCGrad's weights leave 1 + sum_j [0, |g_j| / |g_i|], and its stop."""
    matrices = jacobians(draws, 4, 6)
    _, weights = pcgrad_orders(matrices)
    lengths = np.linalg.norm(matrices, axis=-1)
    most = lengths.sum(axis=-1, keepdims=True) / lengths
    rows = np.random.default_rng(0).normal(size=(draws, 4))
    opposite = directions("pcgrad", np.stack([rows, -2 * rows], axis=1))
    return {
        "out_of_range": np.maximum((1 - weights).max(), (weights / most - 1).max()),
        "step_at_opposite": np.abs(opposite).max(),
    }


def dropping(draws: int) -> dict[str, float]:
    """Return the largest gradient left by any mask of tasks, the smallest where their sum is 0."""
    masks = np.array(list(product([0, 1], repeat=3)), dtype=float)
    rows = jacobians(draws, 3, 4)
    rows[:, 2] = -rows[:, 0] - rows[:, 1]
    left = np.linalg.norm(masks @ rows, axis=-1)
    largest = np.linalg.norm(rows, axis=-1).max(axis=-1)
    return {"left_by_dropping": (left.max(axis=1) / largest).min()}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw where descent on the sum and other methods end on the two quadratics."""
    problem = moo.problems.Problem(
        name="crossed_quadratics", dim=2, num_objectives=2, objectives=_losses,
        source="our own", starts=STARTS, pareto_set=_minimisers,
        pareto_front=lambda n: np.asarray(jax.vmap(_losses)(jnp.asarray(_minimisers(n)))),
    )  # fmt: skip
    paths = []
    for label, method in METHODS.items():
        tx = moo.optimizer(method, optax.sgd(0.05), num_objectives=2)
        paths.append(moo.run(problem, tx, steps=1000, every=5, label=label))
    drawn = moo.plotting.plot_trajectories(paths, problem, "params", width="column", columns=2)
    return {"ends": drawn[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("unitary"))
