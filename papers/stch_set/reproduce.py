"""STCH-Set: bounds of the smooth set value, and few solutions for many objectives."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from scipy.special import entr

import moo
from papers._draws import Array
from papers._fronts import weights_of
from papers._paper import Settings
from papers.stch_set._compare import SETS, SINGLES, by_schedule_free, compare, mixed, squares

NUMBERS = (1, 2, 3, 5, 8, 13)  # of solutions, in the figure


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
    given = squares(settings["runs"])
    worst, average = compare(given, settings["steps"], [*SETS, *SINGLES])
    alone = np.min([worst[name] for name in SINGLES], axis=0)
    return {
        "worst_below_tch_set": _least(worst["TCH-Set"] - worst["STCH-Set"]),
        "worst_below_som": _least(worst["SoM"] - worst["TCH-Set"]),
        "worst_below_single": _least(alone - worst["SoM"]),
        "average_below_som": _least(average["SoM"] - average["STCH-Set"]),
        "average_below_tch_set": _least(average["TCH-Set"] - average["SoM"]),
    }


def regression(settings: Settings) -> dict[str, float]:
    """Return the order of two methods on the mixed linear regression, by paired differences."""
    given, steps = mixed(settings["runs"]), settings["regression_steps"]
    worst, _ = compare(given, steps, ["STCH-Set", "SoM"], by_schedule_free)
    return {"regression_worst": _least(worst["SoM"] - worst["STCH-Set"], errors=3)}


def _least(differences: Array, errors: float = 2) -> float:
    """Return the mean difference less some standard errors."""
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return float(differences.mean() - errors * error)


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the worst best value against the number of solutions, with two standard errors."""
    methods, middle, error = [*SETS, *SINGLES], [], []
    for number in NUMBERS:
        given = squares(settings["runs"], solutions=number)
        worst = np.stack(list(compare(given, settings["steps"], methods)[0].values()))
        middle.append(worst.mean(axis=1))
        error.append(2 * worst.std(axis=1, ddof=1) / worst.shape[1] ** 0.5)
    at, spread = np.transpose(middle), np.transpose(error)
    figure, axes = moo.plotting.plot_along(
        at, at - spread, at + spread, at=NUMBERS, groups=methods, width="column",
        labels=("number of solutions", "worst best value"),
    )  # fmt: skip
    axes[0].set_yscale("log")
    # The labels of a log axis are wider than those that the layout was made for.
    figure.set_figheight(2.7)
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"solutions": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("stch_set"))
