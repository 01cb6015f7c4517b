"""MoDo: products of two samples, and what learning the weights costs and gains."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array, jacobians
from papers._paper import Settings
from papers._stochastic import follow
from papers.modo._sweep import GAMMAS, QUADRATICS, RATE, sweep

SAMPLES = (10, 40, 160)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**products(settings["draws"]), **samples(settings["draws"]), **static()}
    return found | (trade_off(settings) if settings["sets"] else {})


def products(draws: int) -> dict[str, float]:
    """Return the bias of sampled inner products, of two samples and of one with itself."""
    rows = jnp.asarray(jacobians(1, 2, 5)[0])

    def losses(x: jax.Array, noise: jax.Array) -> jax.Array:
        return (rows + noise.mean(axis=0)) @ x

    def one(noise: jax.Array) -> tuple[jax.Array, jax.Array]:
        first, second = moo.jacobian(losses, jnp.zeros(5), noise, batched=(True,)).split(2)
        return first.gram(second).matrix, first.gram().matrix

    noise = np.random.default_rng(0).normal(size=(draws, 2, 2, 5))
    double, single = (np.mean(found, axis=0) for found in jax.jit(jax.vmap(one))(noise))
    exact = rows @ rows.T
    return {
        "bias_of_two_samples": float(np.abs(double - exact).max()),
        "bias_of_one_sample": float(np.diag(single - exact).mean()),
    }


def samples(draws: int) -> dict[str, float]:
    """Return how far mean sampled gradients are from the empirical ones, in their errors."""
    toy = moo.problem("two_task_toy_modo")
    x = jnp.asarray(toy.starts[1])
    gradient = jax.jit(jax.vmap(jax.jacobian(toy.objectives), (None, 0)))
    found = np.asarray(gradient(x, jax.random.split(jax.random.key(0), draws)))
    away = found.mean(axis=0) - np.asarray(jax.jacobian(toy.objectives)(x))
    return {"gradient_in_errors": float(np.abs(away / found.std(axis=0)).max() * draws**0.5)}


def static(steps: int = 300) -> dict[str, float]:
    """Return how far a run with gamma = 0 is from one on the mean loss, under the same noise."""

    def end(chosen: moo.Aggregator) -> Array:
        tx = optax.chain(chosen, optax.sgd(RATE))
        return follow(QUADRATICS, lambda _: tx, QUADRATICS.starts, steps, batch=2).ends

    still = end(moo.modo(2, gamma=0.0, rho=0.0))
    return {
        "off_the_mean": float(np.abs(still - end(moo.aggregator("mean", num_objectives=2))).max())
    }


def trade_off(settings: Settings) -> dict[str, float]:
    """Compare the largest gamma, and the one of the least conflict, with gamma = 0."""
    found = sweep(20, settings["sets"], settings["steps"])
    best = found.conflict.mean(axis=1).argmin()
    orders = [
        sweep(n, settings["sets"], settings["steps"], GAMMAS[-1:]).generalisation.mean()
        for n in SAMPLES
    ]
    return {
        "conflict_gain_in_errors": -_in_errors(found.conflict[best] - found.conflict[0]),
        "gap_growth_in_errors": _in_errors(found.generalisation[-1] - found.generalisation[0]),
        "instability_growth_in_errors": _in_errors(found.stability[-1] - found.stability[0]),
        "optimisation_loss_in_errors": _in_errors(found.optimisation[-1] - found.optimisation[0]),
        "order_of_the_gap": float(np.polyfit(np.log(SAMPLES), np.log(orders), 1)[0]),
    }


def _in_errors(differences: Array) -> float:
    return float(differences.mean() / differences.std(ddof=1) * len(differences) ** 0.5)


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what each gamma gains and costs against gamma = 0, with two standard errors."""
    found = sweep(20, settings["sets"], settings["steps"])
    gains = np.stack([(one[:1] - one[1:]) for one in found])
    middle = gains.mean(axis=-1)
    error = 2 * gains.std(axis=-1, ddof=1) / gains.shape[-1] ** 0.5
    figure, _ = moo.plotting.plot_along(
        middle[:, None], (middle - error)[:, None], (middle + error)[:, None],
        at=GAMMAS[1:], groups=("MoDo",),
        names=("optimisation", "conflict avoidance", "generalisation", "stability"),
        labels=("step size of the weights", "gain over equal weights"), width="column",
    )  # fmt: skip
    return {"trade_off": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("modo"))
