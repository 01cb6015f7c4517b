"""STCH-Set: bounds of the smooth set value, and few solutions for many objectives."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from scipy.special import entr

import moo
from papers._draws import Array
from papers._fronts import evolve, weights_of
from papers._paper import Settings

SOLUTIONS, DIM = 5, 10


class Instances(NamedTuple):
    """Losses (a_i . x - b_i)^2 of several runs, and where they start."""

    slopes: Array  # (runs, m, d)
    targets: Array  # (runs, m)
    starts: Array  # (runs, K, d)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {"bound_excess": bounds(settings["draws"]), "single_gap": single(settings["draws"])}
    return found | (quadratics(settings) | regression(settings) if settings["steps"] else {})


def bounds(draws: int) -> float:
    """Return by how much the smooth value, rebuilt from the weights, leaves its bounds."""
    rng, excess = np.random.default_rng(0), []
    for k, m in ((2, 8), (5, 3)):
        losses, mu = rng.normal(size=(draws, k, m)), 10 ** rng.uniform(-3, 1, draws)
        value, hard = _value(_weights(losses, mu), losses, mu), losses.min(axis=1).max(axis=1)
        excess.append(hard - mu * np.log(k) - value)
        excess.append(value - hard - mu * np.log(m))
    return float(np.max(excess))


def _weights(losses: Array, mu: Array) -> Array:
    def one(values: jax.Array, size: jax.Array) -> jax.Array:
        tx = moo.stch_set(values.shape[1], mu=size)
        jac = moo.population_jacobian(lambda x: x, values)
        return tx.update(jac, tx.init(values))[1].weights

    return np.asarray(jax.jit(jax.vmap(one))(losses, mu))


def _value(weights: Array, losses: Array, mu: Array) -> Array:
    """Return the value whose gradient the weights are: both smooth extrema by their duals."""
    shares = weights.sum(axis=1)
    parts = weights / np.where(shares > 0, shares, 1)[:, None]
    nearest = np.sum(parts * losses, axis=1) - mu[:, None] * entr(parts).sum(axis=1)
    return np.asarray(np.sum(shares * nearest, axis=1) + mu * entr(shares).sum(axis=1))


def single(draws: int) -> float:
    """Compare the weights of a set of one with those of the smooth scalarisation."""
    losses = np.random.default_rng(1).normal(size=(draws, 1, 4))
    alone = jax.jit(jax.vmap(weights_of("stch", 4, mu=0.3), in_axes=(0, None)))
    found = np.asarray(alone(jnp.asarray(losses[:, 0]), jnp.ones(4)))
    return float(np.abs(found - _weights(losses, np.full(draws, 0.3))[:, 0]).max())


def quadratics(settings: Settings) -> dict[str, float]:
    """Return the order of the methods on 128 quadratics, by paired differences."""
    given = _quadratics(settings["runs"])
    worst, average = _compare(given, settings["steps"], [*_SETS, *_SINGLES])
    alone = np.min([worst[name] for name in _SINGLES], axis=0)
    return {
        "worst_below_tch_set": _least(worst["TCH-Set"] - worst["STCH-Set"]),
        "worst_below_som": _least(worst["SoM"] - worst["TCH-Set"]),
        "worst_below_single": _least(alone - worst["SoM"]),
        "average_below_som": _least(average["SoM"] - average["STCH-Set"]),
        "average_below_tch_set": _least(average["TCH-Set"] - average["SoM"]),
    }


def regression(settings: Settings) -> dict[str, float]:
    """Return the order of two methods on the mixed linear regression, by paired differences."""
    worst, _ = _compare(_mixed(settings["runs"]), settings["steps"], ["STCH-Set", "SoM"])
    return {"regression_worst": _least(worst["SoM"] - worst["STCH-Set"])}


def _least(differences: Array) -> float:
    """Return the mean difference less two standard errors."""
    return float(differences.mean() - 2 * differences.std(ddof=1) / np.sqrt(len(differences)))


def _quadratics(runs: int, m: int = 128) -> Instances:
    rng = np.random.default_rng(2)
    slopes, targets = rng.uniform(-1, 1, (runs, m, DIM)), rng.uniform(-2, 2, (runs, m))
    return Instances(slopes, targets, rng.uniform(0, 1, (runs, SOLUTIONS, DIM)))


def _mixed(runs: int, m: int = 1000, noise: float = 0.1) -> Instances:
    rng = np.random.default_rng(3)
    centres = np.tile(rng.uniform(-2, 2, (runs, SOLUTIONS, DIM)), (1, m // SOLUTIONS, 1))
    slopes = rng.uniform(-1, 1, (runs, m, DIM))
    targets = np.sum(slopes * centres, axis=2) + noise * rng.normal(size=(runs, m))
    return Instances(slopes, targets, rng.normal(size=(runs, SOLUTIONS, DIM)))


def _alone(weigh: Callable[..., jax.Array], m: int) -> moo.Aggregator:
    """Give every solution a preference of its own, drawn once."""
    rays = jnp.asarray(np.random.default_rng(4).dirichlet(np.ones(m), SOLUTIONS))

    def weights(jac: Any, losses: jax.Array, state: Any) -> tuple[jax.Array, Any]:
        return jax.vmap(weigh)(losses, rays), state

    return moo.from_population(m, lambda number, dtype: (), weights)


_SETS: dict[str, Callable[[int], moo.Aggregator]] = {
    "STCH-Set": lambda m: moo.stch_set(m, mu=0.1),
    "TCH-Set": lambda m: moo.tch_set(m),
    "SoM": lambda m: moo.tch_set(m, reduction="mean"),
}
_SINGLES: dict[str, Callable[[int], moo.Aggregator]] = {
    "STCH": lambda m: _alone(weights_of("stch", m, mu=0.01), m),
    "TCH": lambda m: _alone(weights_of("tch", m), m),
    "LS": lambda m: _alone(lambda losses, ray: ray, m),
}


def _compare(given: Instances, steps: int, names: list[str]) -> tuple[dict[str, Array], ...]:
    """Return the worst and the average of the objectives' best values, (runs,) by method."""

    def losses(x: jax.Array, slopes: jax.Array, targets: jax.Array) -> jax.Array:
        return (slopes @ x - targets) ** 2

    best = {}
    for name in names:
        aggregator = (_SETS | _SINGLES)[name](given.targets.shape[1])
        tx = optax.chain(aggregator, optax.adam(1e-2))
        best[name] = evolve(tx, losses, given.starts, steps, *given[:2])[1].min(axis=1)
    worst = {name: values.max(axis=1) for name, values in best.items()}
    return worst, {name: values.mean(axis=1) for name, values in best.items()}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("stch_set"))
