"""Nash-MTL: the bargaining equation, its step on convex losses, and the toy of its figure."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._min_norm import gap
from papers._paper import Settings
from papers._quadratics import quadratics
from papers._toy import ends, on_front, trajectory
from papers._weights import weights

RIGHTMOST = 2  # the start (9, 9)
METHODS = {
    "Nash-MTL": ("nash_mtl", {}),
    "mean": ("mean", {}),
    "PCGrad": ("pcgrad", {}),
    "CAGrad": ("cagrad", {"c": 0.4}),
    "MGDA": ("mgda", {}),
}


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    found = {**solution(settings["draws"]), **against_imtl(settings["draws"]), **descent()}
    return found | (toy(settings["steps"]) if settings["steps"] else {})


def solution(draws: int) -> dict[str, float]:
    """Return how far the weights are from Ga = 1/a, and what follows from it."""
    gradients = jacobians(draws, 4, 6)
    a = weights("nash_mtl", gradients, max_norm=np.inf)
    v = np.einsum("km,kmd->kd", a, gradients)
    products = a * np.einsum("kmd,kd->km", gradients, v)
    lengths = np.exp(np.random.default_rng(0).normal(size=(draws, 4)))
    apart = lengths[..., None] * np.eye(4, 6)
    alone = weights("nash_mtl", apart, max_norm=np.inf)
    scaled = directions("nash_mtl", gradients * lengths[..., None])
    return {
        "equation_error": np.abs(products - 1).max(),
        "length_error": np.abs(np.sum(v**2, axis=1) - 4).max(),
        "orthogonal_error": np.abs(alone * lengths - 1).max(),
        "change_by_scale": (1 - cosines(scaled, v)).max(),
    }


def against_imtl(draws: int) -> dict[str, float]:
    """Compare with IMTL-G for two objectives, and for three."""
    both = [
        cosines(directions("nash_mtl", rows), directions("imtl_g", rows))
        for rows in (jacobians(draws, 2, 5), jacobians(draws, 3, 5))
    ]
    return {"off_imtl_two": (1 - both[0]).max(), "cosine_imtl_three": both[1].min()}


def descent(steps: int = 200) -> dict[str, float]:
    """Try the step of Theorem 5.4 on 20 convex quadratics of two objectives."""
    given = quadratics(20, 2, 4)
    found = jax.jit(jax.vmap(lambda *one: _run(steps, *one)))(*given, given.smoothness)
    points, losses, promised = (np.asarray(part) for part in found)
    short = promised - (losses[:, :-1] - losses[:, 1:])
    away = np.linalg.norm(points - points[:, -1:], axis=-1)
    pulls = points[:, -1, None] - given.centres
    last = np.einsum("kmde,kme->kmd", given.hessians, pulls)
    return {
        "short_of_promise": (short / losses[:, :1]).max(),
        "distance_grown": np.diff(away, axis=1).max(),
        "gap_at_the_end": max(gap(rows) for rows in last),
    }


def _run(
    steps: int, hessians: Array, centres: Array, start: Array, smoothness: Array
) -> tuple[jax.Array, ...]:
    """Return the points, their losses, and the decrease that each step promises."""
    m = len(centres)
    tx = moo.aggregator("nash_mtl", num_objectives=m, max_norm=np.inf)

    def evaluate(x: jax.Array) -> jax.Array:
        away = x - centres
        return jnp.einsum("id,ide,ie->i", away, hessians, away) / 2

    def step(x: jax.Array, _: None) -> tuple[jax.Array, tuple[jax.Array, jax.Array, jax.Array]]:
        v, state = tx.update(moo.stacked_jacobian(jax.jacobian(evaluate)(x)), tx.init(x), x)
        a = moo.find(state, "weights")
        rate = 1 / (smoothness * m * jnp.max(a))
        # Without a bargaining solution, at a stationary point, nothing is promised.
        solved = moo.find(state, "converged")
        promised = jnp.where(solved, rate / (2 * jnp.where(a > 0, a, 1)), 0)
        return jnp.where(solved, x - rate * v, x), (x, evaluate(x), promised)

    x, (points, losses, promised) = jax.lax.scan(step, start, length=steps)
    ended = jnp.concatenate([points, x[None]]), jnp.concatenate([losses, evaluate(x)[None]])
    return *ended, promised


def toy(steps: int) -> dict[str, float]:
    """Return which starts reach the front."""
    paths = _paths(steps)
    others = [on_front(paths[label])[RIGHTMOST] for label in ("mean", "PCGrad", "CAGrad")]
    return {
        "nash_on_front": float(on_front(paths["Nash-MTL"]).sum()),
        "others_from_the_right": float(sum(others)),
        "mgda_farthest": float(np.abs(ends(paths["MGDA"])[:, 0]).max()),
    }


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the trajectories of the toy, in objective space as in the paper."""
    paths = _paths(settings["steps"])
    reached = {label: on_front(path) for label, path in paths.items()}
    problem = moo.problem("two_task_toy")
    drawn = moo.plotting.plot_trajectories(
        paths, problem, "objectives", reached=reached, width="column", columns=2
    )
    return {"toy": drawn[0]}


def _paths(steps: int) -> dict[str, moo.Trajectory]:
    return {
        label: trajectory(method, steps, label=label, **options)
        for label, (method, options) in METHODS.items()
    }


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("nash_mtl"))
