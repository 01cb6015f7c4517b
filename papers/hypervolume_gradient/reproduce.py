"""Hypervolume gradients: the weights by differences, and spread sets on two toys."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array
from papers._fronts import evolve, linear, ray_grid, volume
from papers._paper import Settings

CORNER = np.array([1.1, 11.0])
SOLUTIONS, STEPS = 10, 1000
TARGETS = np.array([1.0, -1.0])  # of two samples: on average both losses are one and the same


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws = settings["draws"]
    return {
        "gradient_gap": max(_gradient_gap(draws, 2), _gradient_gap(draws, 3)),
        "sides_gap": sides(draws),
        **dominated(draws),
        **asymmetric(),
        "samples_apart": samples(),
    }


def sides(draws: int) -> float:
    """Compare the weights with the sides that face each point's neighbours."""
    gaps = []
    for points in _front(draws, 2):
        order = np.argsort(points[:, 0])
        first, second = points[order].T
        width, height = np.diff(first, append=2.0), -np.diff(second, prepend=2.0)
        own = np.stack([height, width], axis=1)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        gaps.append(np.abs(own - _weights(points)[order]).max())
    return float(max(gaps))


def dominated(draws: int) -> dict[str, float]:
    """Return the gradient and the weights of points behind a front."""
    gradients, norms = [], []
    for points in _front(draws, 2):
        behind = points[:1] + 0.1
        everyone = np.concatenate([points, behind])
        gradients.append(np.abs(_differences(everyone)[-1]).max())
        norms.append(np.linalg.norm(_weights(everyone)[-1]))
    return {"dominated_gradient": max(gradients), "dominated_weights": min(norms)}


def _gradient_gap(draws: int, objectives: int) -> float:
    gaps = []
    for points in _front(draws, objectives):
        slopes = -_differences(points)
        slopes /= np.linalg.norm(slopes, axis=1, keepdims=True)
        gaps.append(np.abs(slopes - _weights(points)).max())
    return float(max(gaps))


def _front(draws: int, objectives: int) -> Array:
    """Draw points of the positive sphere's outside: none dominates another."""
    normal = np.abs(np.random.default_rng(objectives).normal(size=(draws, 5, objectives)))
    return 1.5 - normal / np.linalg.norm(normal, axis=2, keepdims=True)


def _differences(points: Array, step: float = 1e-6) -> Array:
    found, corner = np.zeros_like(points), np.full(points.shape[1], 2.0)
    for index in np.ndindex(points.shape):
        ends = []
        for sign in (1, -1):
            moved = points.copy()
            moved[index] += sign * step
            ends.append(moo.metrics.hypervolume(moved, corner))
        found[index] = (ends[0] - ends[1]) / (2 * step)
    return found


@jax.jit
def _weights(points: jax.Array) -> jax.Array:
    tx, points = moo.hv_gradient(points.shape[1], reference=2.0), jnp.asarray(points)
    jac = moo.population_jacobian(lambda x: x, points)
    return tx.update(jac, tx.init(points))[1].weights


def asymmetric() -> dict[str, float]:
    """Compare the set with linear weights, evenly spaced."""
    spread, grid = _spread(), _grid()
    return {
        "volume_gain": volume(spread[None], CORNER) - volume(grid[None], CORNER),
        "gap_ratio": _largest_gap(spread) / _largest_gap(grid),
    }


def _losses(x: jax.Array | Array) -> jax.Array:
    return jnp.stack([x[0] ** 2, 10 * (x[0] - 1) ** 2])


def _spread() -> Array:
    tx = optax.chain(moo.hv_gradient(2, reference=CORNER), optax.adam(0.01))
    starts = np.random.default_rng(0).uniform(0, 1, (1, SOLUTIONS, 1))
    return evolve(tx, _losses, starts, STEPS)[1][0]


def _grid() -> Array:
    tx = optax.chain(linear(), optax.adam(0.01))
    starts = np.full((SOLUTIONS, 1), 0.5)
    weights = {"preference": ray_grid(SOLUTIONS, 0.5 / SOLUTIONS)}
    path = moo.run(_losses, tx, starts=starts, steps=STEPS, every=STEPS, mapped=weights)
    return path.objectives[:, -1]


def _largest_gap(points: Array) -> float:
    steps = np.diff(points[np.argsort(points[:, 0])], axis=0) / np.array([1.0, 10.0])
    return float(np.linalg.norm(steps, axis=1).max())


def samples() -> float:
    """Return by how much sets for each sample are wider than the set for their average."""

    def each(x: jax.Array) -> jax.Array:
        return jnp.stack([(x[0] - TARGETS) ** 2, (x[0] + TARGETS) ** 2])

    tx = optax.chain(moo.hv_gradient(2, reference=9.0), optax.adam(0.01))
    starts = np.random.default_rng(1).uniform(-1.5, 1.5, (1, SOLUTIONS, 1))
    shared = evolve(tx, lambda x: each(x).mean(axis=1), starts, STEPS)[0][0]
    own = evolve(tx, lambda x: each(x)[:, 0], starts, STEPS)[0][0]
    found = [np.ptp(np.asarray(jax.vmap(each)(jnp.asarray(x)))[:, 0, 0]) for x in (own, shared)]
    return float(found[0] - found[1])


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw both sets over the asymmetric front."""
    sets = {"linear weights": _grid(), "hypervolume": _spread()}
    problem = moo.problems.Problem(
        name="asymmetric", dim=1, num_objectives=2, objectives=_losses, starts=np.zeros((1, 1)),
        source="own", pareto_front=lambda n: np.asarray(_losses(np.linspace(0, 1, n)[None]).T),
    )  # fmt: skip
    return {"asymmetric": moo.plotting.plot_front(sets, problem)[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("hypervolume_gradient"))
