"""ConFIG: equal cosines, the length, the form for two losses, momenta, and the toy."""

import sys

import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo
from papers._cost import flops
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings
from papers._toy import on_front, trajectory

RIGHTMOST = 2  # the start (9, 9) of the toy


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws, steps = settings["draws"], settings["steps"]
    found = {**direction(draws), "pair_error": pair(draws), **momenta(), **cost()}
    if not steps:
        return found
    reached = on_front(trajectory("config", steps))
    return found | {"on_front_of_four": float(np.delete(reached, RIGHTMOST).sum())}


def direction(draws: int) -> dict[str, float]:
    """Return the spread of the cosines, the least one, and the error of the length."""
    gradients = jacobians(draws, 4, 6)
    v = directions("config", gradients)
    angles = cosines(gradients, v[:, None])
    projections = np.einsum("kmd,kd->k", gradients, v) / np.linalg.norm(v, axis=1)
    return {
        "cosine_spread": (np.ptp(angles, axis=1) / angles.mean(axis=1)).max(),
        "least_cosine": angles.min(),
        "length_error": np.abs(projections / np.linalg.norm(v, axis=1) - 1).max(),
        "off_imtl_g": (1 - cosines(v, directions("imtl_g", gradients))).max(),
    }


def pair(draws: int) -> float:
    """Compare two losses with the sum of the parts of each that are orthogonal to the other."""
    gradients = jacobians(draws, 2, 5)
    first, second = gradients[:, 0], gradients[:, 1]
    unit = _unit(_unit(_without(first, second)) + _unit(_without(second, first)))
    expected = np.einsum("kmd,kd->k", gradients, unit)[:, None] * unit
    away = np.linalg.norm(directions("config", gradients) - expected, axis=1)
    return float((away / np.linalg.norm(expected, axis=1)).max())


def _without(vectors: Array, others: Array) -> Array:
    """Return the part of each vector that is orthogonal to another."""
    share = np.sum(vectors * others, axis=1) / np.sum(others**2, axis=1)
    return vectors - share[:, None] * others


def _unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def momenta(objectives: int = 4) -> dict[str, float]:
    """Give M-ConFIG gradients that stay, a turn each, and look at its momenta and updates."""
    gradients = jacobians(1, objectives, 6)[0]
    tx = moo.aggregator("momentum_config", num_objectives=objectives)
    state, waiting, error = tx.init(jnp.zeros(6)), 0.0, 0.0
    for turn in range(3 * objectives):
        update, state = tx.update(moo.stacked_jacobian(jnp.asarray(gradients)), state)
        if turn < objectives - 1:
            waiting = max(waiting, float(np.abs(update).max()))
            continue
        unbiased = state.first / (1 - 0.9 ** np.asarray(state.turns)[:, None])
        error = max(error, float(np.abs(unbiased / gradients - 1).max()))
    return {"momentum_error": error, "update_before_a_round": waiting}


def cost(objectives: int = 30) -> dict[str, float]:
    """Return the operations of a step over those of plain descent on the mean."""
    return {"momentum_cost": flops("momentum_config", objectives) / flops("mean", objectives)}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the trajectories of the toy."""
    path = trajectory("config", settings["steps"], label="ConFIG")
    problem = moo.problem("two_task_toy")
    drawn = moo.plotting.plot_trajectories(
        path, problem, reached={"ConFIG": on_front(path)}, width="column"
    )
    return {"toy": drawn[0]}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("config"))
