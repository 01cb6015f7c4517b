"""MOO-SVGD: its update, its two kernels, and particles on a concave front."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array
from papers._fronts import evolve, volume
from papers._min_norm import shortest
from papers._paper import Settings

PARTICLES = 50
METHODS: dict[str, dict[str, Any]] = {
    "MGDA": {"bandwidth": 1e-12},  # so narrow that no particle feels another
    "MOO-SVGD, as released": {"kernel": "released"},
    "MOO-SVGD, width of the median": {},
}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**update(settings["draws"]), **kernels()}
    return found | ({**apart(settings["draws"]), **front(settings)} if settings["steps"] else {})


def update(draws: int) -> dict[str, float]:
    """Compare both kernels' directions with the authors' rule, particle by particle."""
    rng, found = np.random.default_rng(0), {}
    for kernel, size in (("rbf", 1.0), ("released", 0.02)):
        tx = moo.aggregator("moo_svgd", num_objectives=2, kernel=kernel)
        losses, rows = size * rng.normal(size=(draws, 6, 2)), rng.normal(size=(draws, 6, 2, 4))
        own = [_rule(*one, kernel) for one in zip(losses, rows, strict=True)]
        found[f"{kernel}_gap"] = np.abs(_directions(tx, losses, rows) - own).max()
    return found


def _directions(tx: moo.Aggregator, losses: Array, rows: Array) -> Array:
    """Return the directions (draws, K, d) of K particles with these losses and gradients."""
    number, dim = rows.shape[1], rows.shape[3]
    # A particle's first variables say which it is.
    population = jnp.concatenate([jnp.eye(number), jnp.zeros((number, dim))], axis=1)

    def one(values: jax.Array, gradients: jax.Array) -> jax.Array:
        def evaluate(x: jax.Array) -> jax.Array:
            own = jax.lax.stop_gradient(x[:number])
            return own @ values + jnp.einsum("k,kmd,d->m", own, gradients, x[number:])

        jac = moo.population_jacobian(evaluate, population)
        return tx.update(jac, tx.init(population))[0][:, number:]

    return np.asarray(jax.jit(jax.vmap(one))(losses, rows))


def _rule(losses: Array, rows: Array, kernel: str) -> Array:
    width = _width(losses, kernel)
    own = np.array([shortest(one) @ one for one in rows])
    found = []
    for here, gradients in zip(losses, rows, strict=True):
        close = np.exp(-np.sum((here - losses) ** 2, axis=1) / width)
        push = 2 / width * close @ (here - losses)
        found.append((close @ own - push @ gradients) / len(losses))
    return np.array(found)


def _width(losses: Array, kernel: str) -> float:
    """Return what squared distances are divided by; the released code multiplies by h."""
    squares = np.sum((losses[:, None] - losses) ** 2, axis=2)
    h = float(np.median(squares) / np.log(len(losses)))
    return h if kernel == "rbf" else 5e-6 / h


def apart(draws: int) -> dict[str, float]:
    """Compare two distant particles, and a lone one, with MGDA."""
    rows = np.random.default_rng(1).normal(size=(draws, 2, 2, 4))
    far = np.tile([[0.0, 100.0], [100.0, 0.0]], (draws, 1, 1))
    own = np.array([[shortest(one) @ one for one in both] for both in rows])
    pair = _directions(moo.moo_svgd(2, bandwidth=1.0), far, rows)
    lone = _directions(moo.moo_svgd(2), far[:, :1], rows[:, :1])
    return {
        "far_gap": np.abs(pair - own / 2).max(),
        "lone_gap": np.abs(lone - own[:, :1]).max(),
    }


def kernels() -> dict[str, float]:
    """Return the largest kernel between two of 50 points, evenly spread on the front of ZDT1."""
    curve = moo.problem("zdt1").pareto_front
    assert curve is not None
    points = curve(20_001)
    length = np.append(0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    even = np.linspace(0, length[-1], PARTICLES)
    losses = np.stack([np.interp(even, length, points[:, i]) for i in range(2)], axis=1)
    nearest = np.sum(np.diff(losses, axis=0) ** 2, axis=1).min()
    near = {name: np.exp(-nearest / _width(losses, name)) for name in ("rbf", "released")}
    return {f"{name}_kernel": value for name, value in near.items()}


def front(settings: Settings) -> dict[str, float]:
    """Return by how much more hypervolume interacting particles have than lone ones."""
    sets = [_sets(options, settings) for options in METHODS.values()]
    volumes = [[volume(one[None], (1.0, 1.0)) for one in runs] for runs in sets]
    alone, released, median = np.array(volumes)
    return {
        "gain_released": _least(released - alone),
        "gain_median": _least(median - alone),
    }


def _least(differences: Array) -> float:
    """Return the mean difference less three standard errors."""
    return float(differences.mean() - 3 * differences.std(ddof=1) / np.sqrt(len(differences)))


def _sets(options: dict[str, Any], settings: Settings) -> Array:
    """Return the losses at the end on the concave front, (runs, particles, 2)."""
    problem = moo.problem("fonseca_fleming")
    shape = settings["runs"], PARTICLES, problem.dim
    starts = np.random.default_rng(2).uniform(-0.5, 0.5, shape)
    tx = optax.chain(moo.moo_svgd(2, **options), optax.adam(5e-3))
    return evolve(tx, problem.objectives, starts, settings["steps"])[1]


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw where the particles end."""
    # MGDA comes last, as its few ends would lie under the others'.
    order = [*list(METHODS)[1:], "MGDA"]
    sets = {label: _sets(METHODS[label], settings)[0] for label in order}
    figure, _ = moo.plotting.plot_front(sets, moo.problem("fonseca_fleming"))
    figure.legends[0].remove()
    with moo.plotting.style():
        figure.legend(loc="outside upper center")
    figure.set_size_inches(3.25, 3.2)
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"front": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("moo_svgd"))
