"""DR-OMMD: its regularised weights, and the regret of online descent with and without them."""

import sys
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from matplotlib.figure import Figure

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings
from papers._stochastic import Paths, follow, slope
from papers._weights import weights

RADIUS = 6.0  # of the ball in which the points stay
STRONG, WEAK = "DR-OMMD, alpha = 4", "DR-OMMD, alpha = 1"
METHODS: dict[str, tuple[str, dict[str, float]]] = {
    "min-norm weights": ("mgda", {}),
    WEAK: ("dr_ommd", {"alpha": 1.0}),
    STRONG: ("dr_ommd", {"alpha": 4.0}),
    "fixed weights": ("mean", {}),
}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**solver(settings["draws"]), **limits(settings["draws"])}
    return found | (growth(tuple(settings["rounds"])) if settings["rounds"] else {})


def solver(draws: int, alpha: float = 1.0) -> dict[str, float]:
    """Compare the weights with the closed form of two rows, and for three with many others."""
    pairs, triples = jacobians(draws, 2, 4), jacobians(draws, 3, 5)
    first, prior = 0.7, np.array([0.5, 0.3, 0.2])
    two = weights("dr_ommd", pairs, alpha=alpha, prior=np.array([first, 1 - first]))
    three = weights("dr_ommd", triples, alpha=alpha, prior=prior)
    others = np.random.default_rng(0).dirichlet(np.ones(3), 20_000)
    excess = [
        (_value(w[None], rows, alpha, prior)[0] - _value(others, rows, alpha, prior).min())
        / np.sum(rows**2)
        for w, rows in zip(three, triples, strict=True)
    ]
    return {
        "off_the_closed_form": np.abs(two[:, 0] - _clipped(pairs, alpha, first)).max(),
        "excess_over_others": max(excess),
    }


def _clipped(pairs: Array, alpha: float, first: float) -> Array:
    """Return the point of [(c - a) / D, (c + a) / D] nearest the prior, clipped to [0, 1]."""
    apart = pairs[:, 0] - pairs[:, 1]
    size, along = np.sum(apart**2, axis=-1), -np.sum(pairs[:, 1] * apart, axis=-1)
    return np.clip(np.clip(first, (along - alpha) / size, (along + alpha) / size), 0, 1)


def _value(w: Array, rows: Array, alpha: float, prior: Array) -> Array:
    """Return |rows' w|^2 + alpha |w - prior|_1 for weights (n, m)."""
    found: Array = np.sum((w @ rows) ** 2, axis=1) + alpha * np.abs(w - prior).sum(axis=1)
    return found


def limits(draws: int) -> dict[str, float]:
    """Compare no pull with MGDA, a strong one with the prior's sum, and one row with itself."""
    matrices, prior = jacobians(draws, 3, 5), np.array([0.5, 0.3, 0.2])
    none = directions("dr_ommd", matrices, alpha=0.0, prior=prior)
    held = directions("dr_ommd", matrices, alpha=1e6, prior=prior)
    alone = directions("dr_ommd", matrices[:, :1], alpha=1.0)
    return {
        "off_mgda": (1 - cosines(none, directions("mgda", matrices))).max(),
        "off_prior": (1 - cosines(held, np.einsum("m,kmd->kd", prior, matrices))).max(),
        "off_the_gradient": np.abs(alone - matrices[:, 0]).max(),
    }


def growth(rounds: tuple[int, ...]) -> dict[str, float]:
    """Return the powers of the rounds by which regrets grow, and where the min-norm runs end."""
    paths = _paths(rounds)
    regrets = {label: _regrets(path, rounds) for label, path in paths.items()}
    powers = {label: slope(np.array(rounds), found) for label, found in regrets.items()}
    last = paths["min-norm weights"].ends.reshape(len(rounds), -1, 5)[-1]
    return {
        "min_norm_power": powers["min-norm weights"],
        "weak_power": powers[WEAK],
        "strong_power": powers[STRONG],
        "fixed_power": powers["fixed weights"],
        "min_norm_over_strong": regrets["min-norm weights"][:, -1].mean()
        / regrets[STRONG][:, -1].mean(),
        "min_norm_off_the_set": max(abs(last[:, 0].mean()) - 1, 0.0),
    }


@cache
def _paths(rounds: tuple[int, ...]) -> dict[str, Paths]:
    """Run all methods from the problem's starts for each number of rounds T, steps T^(-1/2)."""
    problem = moo.problem("online_quadratics")
    lanes = np.repeat(rounds, len(problem.starts))
    starts, nowhere = np.tile(problem.starts, (len(rounds), 1)), jnp.zeros(problem.dim)

    def tally(x: jax.Array, record: Any, state: Any, keys: jax.Array) -> tuple[jax.Array, ...]:
        away = problem.objectives(x, keys[0]) - problem.objectives(nowhere, keys[0])
        return away, -jax.jacobian(problem.objectives)(nowhere, keys[0])

    def run(method: str, options: dict[str, float]) -> Paths:
        def build(horizon: jax.Array) -> optax.GradientTransformation:
            ball = moo.aggregators.project_ball(RADIUS)
            step = optax.chain(optax.sgd(horizon**-0.5), ball)
            return moo.optimizer(method, step, num_objectives=2, **options)

        return follow(problem, build, starts, max(rounds), horizons=lanes, tally=tally)

    return {label: run(*chosen) for label, chosen in METHODS.items()}


def _regrets(path: Paths, rounds: tuple[int, ...]) -> Array:
    """Return max_c min_i sum_t f_ti(x_t) - f_ti(c) in closed form, (seeds, rounds).

    With S_i the sum over t of f_ti(x_t) - f_ti(0) and Z_i that of the targets, it is the least
    over weights w of w'S + |w'Z|^2 / 2T, a parabola in the first weight.
    """
    seeds = len(path.ends) // len(rounds)
    sums, targets = path.tally
    each = np.repeat(rounds, seeds)
    apart = targets[:, 0] - targets[:, 1]
    across = np.sum(targets[:, 1] * apart, axis=-1) + each * (sums[:, 0] - sums[:, 1])
    first = np.clip(-across / np.sum(apart**2, axis=-1), 0, 1)
    w = np.stack([first, 1 - first], axis=1)
    mixed = np.einsum("km,kmd->kd", w, targets)
    found = np.sum(w * sums, axis=1) + np.sum(mixed**2, axis=1) / (2 * each)
    return np.asarray(found.reshape(len(rounds), seeds).T)


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the regrets against the number of rounds."""
    rounds = tuple(settings["rounds"])
    found = {label: _regrets(path, rounds) for label, path in _paths(rounds).items()}
    labels = ("rounds $T$", "regret")
    drawn = moo.plotting.plot_rate(found, rounds, reference=0.5, dropped=0.0, labels=labels)
    return {"regret": drawn[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("dr_ommd"))
