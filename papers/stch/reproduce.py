"""STCH: its bounds and weights, a concave front by preferences, and sets of F1 to F6 learned."""

import sys

import jax
import numpy as np
import optax
from matplotlib.figure import Figure
from scipy.optimize import brentq
from scipy.special import entr, logsumexp

import moo
from papers._cost import flops
from papers._draws import Array
from papers._fronts import linear, ray_grid, volume, weights_of
from papers._paper import Settings
from papers.stch._learn import MU, PROBLEMS, RULES, learn


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**bounds(settings["draws"]), **limits(settings["draws"])}
    return found | ({**reach(), **sets(settings), **costs()} if settings["steps"] else {})


def bounds(draws: int) -> dict[str, float]:
    """Return by how much the value leaves its bounds, and the weights its slopes."""
    rng, excess, gaps = np.random.default_rng(0), [], []
    for m in (2, 5, 8):
        losses, preferences = rng.normal(size=(draws, m)), rng.dirichlet(np.ones(m), draws)
        mu = 10 ** rng.uniform(-3, 1, draws)
        shares, scores = _weights(losses, preferences, mu) / preferences, preferences * losses
        value = np.sum(shares * scores, axis=1) + mu * entr(shares).sum(axis=1)
        excess += [scores.max(axis=1) - value, value - scores.max(axis=1) - mu * np.log(m)]
        given = losses, preferences, np.maximum(mu, 0.1)
        gaps.append(np.abs(_weights(*given) - _slopes(*given)).max())
    return {"bound_excess": np.max(excess), "slope_gap": max(gaps)}


def _weights(losses: Array, preferences: Array, mu: Array) -> Array:
    def one(values: jax.Array, preference: jax.Array, size: jax.Array) -> jax.Array:
        return weights_of("stch", values.shape[0], mu=size)(values, preference)

    return np.asarray(jax.jit(jax.vmap(one))(losses, preferences, mu))


def _slopes(losses: Array, preferences: Array, mu: Array, step: float = 1e-6) -> Array:
    """Return the gradient of the scalarisation by central differences."""

    def value(at: Array) -> Array:
        return np.asarray(mu * logsumexp(preferences * at / mu[:, None], axis=1))

    moves = step * np.eye(losses.shape[1])
    sides = [(value(losses + move) - value(losses - move)) / (2 * step) for move in moves]
    return np.stack(sides, axis=1)


def limits(draws: int) -> dict[str, float]:
    """Compare the weights at extreme mu with the weighted mean's and the worst loss's."""
    rng = np.random.default_rng(1)
    losses, preferences = rng.normal(size=(draws, 4)), rng.dirichlet(np.ones(4), draws)
    worst = np.argmax(preferences * losses, axis=1)[:, None] == np.arange(4)
    rough = _weights(losses, preferences, np.full(draws, 1e6)) - preferences / 4
    sharp = _weights(losses, preferences, np.full(draws, 1e-9)) - preferences * worst
    return {"large_mu_gap": np.abs(rough).max(), "small_mu_gap": np.abs(sharp).max()}


def reach() -> dict[str, float]:
    """Return what rays of the concave front reach, and how far chosen optima are missed."""
    smooth, rays = moo.aggregator("stch", num_objectives=2, mu=MU), ray_grid(25)
    front = moo.problem("fonseca_fleming").pareto_front
    assert front is not None
    targets = front(21)[1:-1]
    aims = [_aim(s, f) for s, f in zip(np.linspace(-0.9, 0.9, 19), targets, strict=True)]
    return {
        "stch_volume": volume(_ends(smooth, rays)[None], np.ones(2)),
        "linear_volume": volume(_ends(linear(), rays)[None], np.ones(2)),
        "off_the_targets": np.abs(_ends(smooth, np.array(aims)) - targets).max(),
    }


def _aim(s: float, f: Array) -> Array:
    """Return the preference at which the weighted gradients cancel at s on the diagonal."""
    slope = 2 * (s - np.array([1, -1])) * (1 - f)
    ratio = np.log(-slope[1] / slope[0])

    def excess(share: float) -> float:
        return float(np.log(share / (1 - share)) + (share * f[0] - (1 - share) * f[1]) / MU - ratio)

    share = brentq(excess, 1e-9, 1 - 1e-9)
    return np.array([share, 1 - share])


def _ends(aggregator: moo.Aggregator, preferences: Array, steps: int = 2000) -> Array:
    path = moo.run(
        moo.problem("fonseca_fleming"), optax.chain(aggregator, optax.adam(0.01)),
        starts=np.random.default_rng(2).uniform(-0.5, 0.5, (len(preferences), 20)),
        steps=steps, every=steps, mapped={"preference": preferences},
    )  # fmt: skip
    return path.objectives[:, -1]


def sets(settings: Settings) -> dict[str, float]:
    """Return the ratios of the methods' gaps to the front's hypervolume, the least of them."""
    reached = [[volume(one, (1.1, 1.1)) for one in problems] for problems in learn(settings)]
    best = np.array([moo.problem(name).max_hypervolume for name in PROBLEMS], float)
    linear, tch, stch = best - np.array(reached)
    return {
        "tch_over_stch": (tch / stch).min(),
        "linear_over_tch": (linear / tch).min(),
        "linear_over_stch": (linear / stch)[3:].min(),
    }


def costs(objectives: int = 8) -> dict[str, float]:
    """Return the operations of a step, over those of TCH, and those of EPO over them."""
    counted = {method: flops(method, objectives) for method in ("tch", "stch", "epo")}
    return {"cost": counted["stch"] / counted["tch"], "epo_cost": counted["epo"] / counted["stch"]}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what the three learn of a convex and of a concave front, at every sixth preference."""
    learned = learn(settings)[:, :, 0]
    drawn: dict[str, Figure] = {}
    for k in (2, 3):
        # Each rule has preferences of its own, so that no point covers another rule's.
        sets = {rule: learned[i, k, 2 * i :: 6] for i, rule in enumerate(RULES)}
        figure, _ = moo.plotting.plot_front(sets, moo.problem(PROBLEMS[k]))
        drawn[PROBLEMS[k].removeprefix("stch_")] = figure
    return drawn


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("stch"))
