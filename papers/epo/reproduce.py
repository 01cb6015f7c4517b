"""EPO: its measure of balance, controlled ascent, and rays of a concave front."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from moo.aggregators._solvers._exact_pareto import Imbalance
from papers._draws import Array, jacobians
from papers._fronts import linear
from papers._paper import Settings

ANGLES = np.linspace(np.pi / 20, 9 * np.pi / 20, 4)
RAYS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
# Preferences multiply the losses: those of a ray are its inverses.
PREFERENCES = (1 / RAYS) / np.sum(1 / RAYS, axis=1, keepdims=True)
STEPS = 300
RATE = 0.2 * 2  # the authors' scripts multiply the weights by the number of objectives


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    return {**balance(), **ascent(settings["draws"]), **rays(settings["starts"])}


def balance(delta: float = 0.02) -> dict[str, float]:
    """Compare the divergence with 0 where balanced, and with delta^2 / 8 nearby."""
    rng, even = np.random.default_rng(0), []
    for m in (2, 3, 4, 5):
        factors = rng.uniform(0.1, 1, m)
        even.append(abs(_divergence(1 / factors, factors)))
    near = _divergence(np.array([1 + delta / 2, 1 - delta / 2]), np.ones(2))
    return {
        "divergence_when_equal": max(even),
        "small_gap_law": abs(near / (delta**2 / 8) - 1),
    }


def _divergence(losses: Array, factors: Array) -> float:
    everyone = jnp.ones(len(losses), bool)
    return float(Imbalance.of(jnp.asarray(losses), jnp.asarray(factors), everyone).divergence)


def ascent(draws: int) -> dict[str, float]:
    """Return how far a balancing step raises the largest loss, and how often another one."""
    rng, m = np.random.default_rng(1), 3
    matrices, losses = jacobians(draws, m, 6), rng.uniform(0.1, 1, (draws, m))
    v, solved = _steps(matrices, losses)
    slopes = np.einsum("kid,kd->ki", matrices, v) / np.sum(matrices**2, axis=(1, 2))[:, None]
    largest = np.take_along_axis(slopes, losses.argmax(axis=1)[:, None], axis=1)[:, 0]
    return {
        "largest_rises": (-largest[solved]).max(),
        "some_rise": np.mean(slopes[solved].min(axis=1) < -1e-9),
    }


def _steps(matrices: Array, losses: Array) -> tuple[Array, Array]:
    tx = moo.epo(matrices.shape[1])

    def one(matrix: jax.Array, values: jax.Array) -> tuple[jax.Array, jax.Array]:
        point = jnp.zeros_like(matrix[0])
        v, state = tx.update(moo.stacked_jacobian(matrix, values), tx.init(point), point)
        return v, state.converged

    found = jax.jit(jax.vmap(one))(matrices, losses)
    return np.asarray(found[0]), np.asarray(found[1])


def rays(starts: int) -> dict[str, float]:
    """Return how far from their rays three methods end."""
    hard = _run("epo", _hard(starts))
    easy = {method: _gaps(_run(method, _easy(starts))) for method in ("epo", "linear", "mgda")}
    assert hard.params is not None
    return {
        "hard_gap": _gaps(hard).max(),
        "easy_gap": easy["epo"].max(),
        "linear_off": np.mean(np.sum(easy["linear"] > 0.3, axis=0)),
        "mgda_off": np.mean(np.sum(easy["mgda"] > 0.1, axis=0)),
        "stationarity": max(_shortest(x) for x in hard.params[:, -1]),
    }


def _hard(starts: int) -> Array:
    size = np.random.default_rng(2).uniform(0.15, 0.5, (starts, 20))
    return size * (-1.0) ** np.arange(20)


def _easy(starts: int) -> Array:
    return np.random.default_rng(3).uniform(-0.4, 0.4, (starts, 20))


def _run(method: str, points: Array) -> moo.Trajectory:
    """Run a method for every ray from every start; rows are the rays of the first start first."""
    aggregator = linear() if method == "linear" else moo.aggregator(method, num_objectives=2)
    given = {} if method == "mgda" else {"preference": np.tile(PREFERENCES, (len(points), 1))}
    return moo.run(
        moo.problem("fonseca_fleming"), optax.chain(aggregator, optax.sgd(RATE)),
        starts=np.repeat(points, len(RAYS), axis=0), steps=STEPS, every=STEPS, mapped=given,
        label=method,
    )  # fmt: skip


def _gaps(path: moo.Trajectory) -> Array:
    """Return |r1 f1 - r2 f2| over their mean at the ends, (rays, starts)."""
    weighted = path.objectives[:, -1].reshape(-1, len(RAYS), 2) * PREFERENCES
    return np.asarray(np.abs(np.diff(weighted)[..., 0]) / weighted.mean(axis=2)).T


def _shortest(x: Array) -> float:
    g1, g2 = np.asarray(jax.jacobian(moo.problem("fonseca_fleming").objectives)(x))
    share = np.clip((g2 - g1) @ g2 / np.sum((g1 - g2) ** 2), 0, 1)
    return float(np.linalg.norm(share * g1 + (1 - share) * g2))


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what three methods find for the four rays."""
    labels = {"EPO": "epo", "linear": "linear", "MGDA": "mgda"}
    ends = {label: _run(method, _easy(1)).objectives[:, -1] for label, method in labels.items()}
    problem = moo.problem("fonseca_fleming")
    return {"rays": moo.plotting.plot_rays(ends, PREFERENCES, problem)[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("epo"))
