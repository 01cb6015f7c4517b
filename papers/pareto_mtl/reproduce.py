"""Pareto MTL: the descent problem, its reading as scalarisation, and the concave front."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure
from scipy.optimize import nnls

import moo
from papers._draws import Array, directions, jacobians
from papers._fronts import at_the_ends, evolve, linear
from papers._paper import Settings

SOLUTIONS = 10
ANGLES = np.linspace(0, np.pi / 2, SOLUTIONS)
UNITS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {
        **lemma(settings["draws"]),
        "scalarisation_gap": scalarisation(settings["draws"]),
        "front_error": front(),
        **concave_front(settings),
    }


def lemma(draws: int) -> dict[str, float]:
    """Return by how much max_i g_i . d exceeds -|d|^2 / 2, and -|d|^2, over |J|^2."""
    excess, gaps = [], []
    for m in (2, 3, 5):
        matrices = jacobians(draws, m, m + 2)
        d = -directions("mgda", matrices)
        a = np.einsum("kid,kd->ki", matrices, d).max(axis=1)
        size, unit = np.sum(d**2, axis=1), np.sum(matrices**2, axis=(1, 2))
        excess.append((a + size / 2) / unit)
        gaps.append(np.abs(a + size) / unit)
    return {"lemma_excess": np.max(excess), "lemma_gap": np.max(gaps)}


def scalarisation(draws: int) -> float:
    """Compare directions with J' of the weights of Eq. (18), the hull problem by scipy."""
    matrices = jacobians(draws, 2, 4)
    values = np.random.default_rng(0).uniform(size=(draws, 2))
    found = _directions(matrices, values)
    gaps = [
        np.linalg.norm(found[n, k] - _weights(rows, values[n], k) @ rows) / np.linalg.norm(rows)
        for n, rows in enumerate(matrices)
        for k in (0, 4, 9)
    ]
    return float(max(gaps))


def _weights(rows: Array, values: Array, k: int) -> Array:
    towards = UNITS - UNITS[k]
    towards = towards[towards @ values > 0]
    hull = np.concatenate([rows, towards @ rows])
    # With the simplex constraint as one more row the answer is a multiple of the hull's weights.
    system = np.concatenate([hull.T, np.ones((1, len(hull)))])
    found = nnls(system, np.eye(len(system))[-1])[0]
    return np.asarray(found[:2] + found[2:] @ towards) / found.sum()


def _directions(matrices: Array, values: Array) -> Array:
    tx = moo.pmtl(2, preferences=UNITS, warmup=0)
    population = jnp.zeros((SOLUTIONS, matrices.shape[2]))

    def one(matrix: jax.Array, losses: jax.Array) -> jax.Array:
        jac = moo.population_jacobian(lambda x: losses + matrix @ x, population)
        return tx.update(jac, tx.init(population), population)[0]

    return np.asarray(jax.jit(jax.vmap(one))(matrices, values))


def front() -> float:
    """Compare the losses on the diagonal with the front in closed form."""
    problem, s = moo.problem("fonseca_fleming"), np.linspace(-1, 1, 201)
    losses = np.asarray(jax.vmap(problem.objectives)(jnp.asarray(problem.pareto_set(201))))
    exact = np.stack([1 - np.exp(-((s - 1) ** 2)), 1 - np.exp(-((s + 1) ** 2))], axis=1)
    return float(np.abs(losses - exact).max())


def concave_front(settings: Settings) -> dict[str, float]:
    """Return where linear weights, MGDA and PMTL end."""
    fixed = _linear(settings["weights"], settings["steps"])
    free, own = _mgda(settings["runs"]), _pmtl(settings["runs"])
    sectors = np.argmax(own @ UNITS.T, axis=2) == np.arange(SOLUTIONS)
    # A run's spread is the range of its first loss.
    ratio = np.ptp(free[..., 0], axis=1) / np.ptp(own[..., 0], axis=1)
    return {
        "linear_at_ends": at_the_ends(fixed),
        "mgda_spread": float(np.mean(ratio)),
        "own_sector": float(np.mean(sectors.sum(axis=1))),
        "own_sector_least": float(sectors.sum(axis=1).min()),
    }


def _starts(runs: int, number: int) -> Array:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (runs, number, 20))


def _linear(number: int, steps: int) -> Array:
    share = np.random.default_rng(1).uniform(size=number)
    tx = optax.chain(linear(), optax.sgd(0.5))
    weights = {"preference": np.stack([share, 1 - share], axis=1)}
    path = moo.run(
        moo.problem("fonseca_fleming"), tx, starts=_starts(1, number)[0], steps=steps,
        every=steps, mapped=weights,
    )  # fmt: skip
    return path.objectives[:, -1]


def _mgda(runs: int) -> Array:
    tx = moo.optimizer("mgda", optax.sgd(1.0), num_objectives=2)
    starts = _starts(runs, SOLUTIONS).reshape(-1, 20)
    path = moo.run(moo.problem("fonseca_fleming"), tx, starts=starts, steps=100, every=100)
    return path.objectives[:, -1].reshape(runs, SOLUTIONS, 2)


def _pmtl(runs: int) -> Array:
    tx = optax.chain(moo.pmtl(2, warmup=20), optax.sgd(1.0))
    objectives = moo.problem("fonseca_fleming").objectives
    return evolve(tx, objectives, _starts(runs, SOLUTIONS), 100)[1]


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw where the three end on the concave front."""
    sets = {
        "linear weights": _linear(SOLUTIONS, settings["steps"]),
        "MGDA": _mgda(1)[0],
        "Pareto MTL": _pmtl(1)[0],
    }
    return {"front": moo.plotting.plot_front(sets, moo.problem("fonseca_fleming"))[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("pareto_mtl"))
