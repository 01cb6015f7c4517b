"""CR-MOGM: where weights from single samples lead, and averaged ones that forget the noise."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array, jacobians
from papers._paper import Settings
from papers._stochastic import averages, slope
from papers._weights import weights
from papers.cr_mogm._definitions import DEFINITIONS
from papers.cr_mogm._instance import CENTRES, KEPT, METHODS, NOISE, RARE, START, paths

MGDA_ENDS = 0.9 / 0.68  # where the mean of its step vanishes, by hand


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**correlation(settings["draws"]), **scheme(settings["jacobians"])}
    if not settings["steps"]:
        return found
    return {**found, **instance(settings), "slope_of_the_error": rate(settings)}


def correlation(draws: int) -> dict[str, float]:
    """Return the covariance of weights and gradients, and the share that averaging leaves."""
    noise = np.stack(np.meshgrid(NOISE, NOISE), axis=-1).reshape(-1, 2)
    chances = np.where(noise > 0, RARE, 1 - RARE).prod(axis=1)
    gradients = MGDA_ENDS - CENTRES + noise
    given = weights("mgda", gradients[..., None])
    step = chances @ np.sum(gradients * given, axis=1)
    found = step - (chances @ gradients) @ (chances @ given)
    return {"covariance_at_the_end": found, "covariance_left": _averaged(draws) / found}


def _averaged(draws: int, lanes: int = 400) -> float:
    """Return E[J'w] - E[J]'E[w] at that point for weights averaged with a decay of 0.9."""
    exact = jnp.asarray(MGDA_ENDS - CENTRES)
    tx = moo.cr_mogm(2, decay=0.9, initial="uniform")

    def lane(key: jax.Array) -> jax.Array:
        def step(state: Any, t: jax.Array) -> tuple[Any, jax.Array]:
            rare = jax.random.bernoulli(jax.random.fold_in(key, t), RARE, (2,))
            noise = jnp.where(rare, NOISE[1], NOISE[0])
            _, state = tx.update(moo.stacked_jacobian((exact + noise)[:, None]), state)
            return state, noise @ state.weights

        start = tx.init(jnp.zeros(1))
        return jax.lax.scan(step, start, jnp.arange(draws // lanes))[1].mean()

    keys = jax.random.split(jax.random.key(0), lanes)
    return float(jax.jit(jax.vmap(lane))(keys).mean())


def scheme(draws: int) -> dict[str, float]:
    """Compare J'w, w from other vectors of the same products, with each method's definition."""
    rows = jacobians(draws, 2, 6)
    same = np.linalg.cholesky(rows @ np.swapaxes(rows, 1, 2))
    found = {}
    for method, options in METHODS.values():
        along = np.einsum("km,kmd->kd", weights(method, same, **options), rows)
        away = along - [DEFINITIONS[method](one) for one in rows]
        error = np.linalg.norm(away, axis=1) / np.linalg.norm(rows, axis=(1, 2))
        found[f"{method}_off_its_definition"] = float(error.max())
    return found


def instance(settings: Settings) -> dict[str, float]:
    """Return how far off the Pareto set runs end in the mean, without and with averages."""
    found = {}
    for averaged, words in ((False, "off_the_set"), (True, "averaged_off_the_set")):
        for label, path in paths(settings, averaged=averaged).items():
            end = abs(path.points[:, KEPT // 2 :].mean())
            found[f"{METHODS[label][0]}_{words}"] = max(end - CENTRES[1], 0.0)
    return found


def rate(settings: Settings) -> float:
    """Return the slope of the averaged weights' mean squared error against the horizon."""
    return slope(np.array(settings["horizons"]), _errors(settings, averaged=True))


def _errors(settings: Settings, *, averaged: bool) -> Array:
    def build(horizon: Any) -> optax.GradientTransformation:
        small = horizon**-0.5
        averaging = moo.cr_mogm(2, decay=lambda _: 1 - small)
        return optax.chain(averaging if averaged else moo.mgda(2), optax.sgd(0.5 * small))

    return averages(build, np.array(settings["horizons"], float), runs=10)


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the mean paths on the instance, and the weights' error against the horizon."""
    found = {}
    for averaged, words in ((False, ""), (True, ", averaged")):
        for label, path in paths(settings, averaged=averaged).items():
            x = np.concatenate([np.full((len(path.points), 1, 1), START), path.points], axis=1)
            steps = np.linspace(0, settings["steps"], KEPT + 1).astype(int)
            found[label + words] = moo.Trajectory(steps, x, names=("Pareto set in grey",))
    drawn, axes = moo.plotting.plot_losses(found, "sem", width="column")
    axes[0].set_ylabel("$x$")
    axes[0].axhspan(*CENTRES, color="0.8", linewidth=0, zorder=0)
    rates = moo.plotting.plot_rate(
        {"MGDA": _errors(settings, averaged=False), "CR-MOGM": _errors(settings, averaged=True)},
        settings["horizons"], reference=-0.5, dropped=0.0,
        labels=("horizon $T$", "mean of $|J'(w - w^*)|^2$"),
    )  # fmt: skip
    return {"instance": drawn, "rates": rates[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("cr_mogm"))
