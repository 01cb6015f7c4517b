"""Do multi-task methods leave the curve of weighted sums: what convex losses say."""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure

import moo
from papers._draws import Array, cosines
from papers._min_norm import shortest
from papers._paper import Settings
from papers._quadratics import Quadratics, descend, quadratics


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    given = quadratics(10, 2, 4)
    return {
        **weighted_sums(given),
        **{f"off_the_curve_{m}": off(m, given, settings["steps"]) for m in ("mgda", "pcgrad")},
    }


def weighted_sums(given: Quadratics, points: int = 52) -> dict[str, float]:
    """Return how far from opposite the gradients are at minimisers of positive weighted sums."""
    shares = np.linspace(0, 1, points)[1:-1]
    ends = np.stack([minimisers(given, np.array([w, 1 - w])) for w in shares], axis=1)
    away = ends[:, :, None] - given.centres[:, None]
    rows = np.einsum("kmde,knme->knmd", given.hessians, away)
    return {"from_opposite": (1 + cosines(rows[:, :, 0], rows[:, :, 1])).max()}


def minimisers(given: Quadratics, weights: Array) -> Array:
    """Return the minimiser of the weighted sum, (instances, d); weights (m,) or (instances, m)."""
    shares = np.broadcast_to(weights, given.centres.shape[:2])
    pulls = np.einsum("km,kmde,kme->kd", shares, given.hessians, given.centres)
    mixed = np.einsum("km,kmde->kde", shares, given.hessians)
    found: Array = np.linalg.solve(mixed, pulls[..., None])[..., 0]
    return found


def off(method: str, given: Quadratics, steps: int) -> float:
    """Return the largest distance of where a method ends from the minimiser of a weighted sum."""
    points, _ = descend(method, given, steps, rate=1 / (2 * given.smoothness))
    ends = points[:, -1]
    rows = np.einsum("kmde,kme->kmd", given.hessians, ends[:, None] - given.centres)
    nearest = minimisers(given, np.array([shortest(one) for one in rows]))
    return float(np.linalg.norm(ends - nearest, axis=-1).max())


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw what even weights reach of one front, and where methods end from random starts."""
    given = _same(quadratics(10, 2, 4), starts=12)
    sets = {"11 weighted sums": _front(given, 11)}
    for label, method in {"MGDA": "mgda", "PCGrad": "pcgrad"}.items():
        rate = 1 / (2 * given.smoothness)
        sets[label] = descend(method, given, settings["steps"], rate=rate)[1][:, -1]
    with moo.plotting.style():
        figure = Figure(figsize=(3.25, 2.5), layout="constrained")
        axes = figure.add_subplot(xlabel="$f_1$", ylabel="$f_2$")
        axes.plot(*_front(given, 400).T, color="#c3c9cf", linewidth=4, label="Pareto front")
        for label, marker, colour in zip(sets, "o+x", moo.plotting.OKABE_ITO, strict=False):
            axes.plot(*sets[label].T, marker, color=colour, label=label, markersize=5)
        axes.legend()
    return {"front": figure}


def _same(given: Quadratics, starts: int) -> Quadratics:
    """Repeat the first instance with other starts."""
    drawn = 3 * np.random.default_rng(0).normal(size=(starts, given.starts.shape[1]))
    first = [0] * starts
    return Quadratics(given.hessians[first], given.centres[first], drawn)


def _front(given: Quadratics, points: int) -> Array:
    """Return the losses at minimisers of weighted sums of the first instance, (points, 2)."""
    shares = np.linspace(0, 1, points)
    ends = np.stack([minimisers(given, np.array([w, 1 - w]))[0] for w in shares])
    return np.asarray(jax.vmap(given.losses(0))(ends))


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("scalarisation"))
