"""Do multi-task methods leave the curve of weighted sums: what convex losses say."""

import sys

import numpy as np

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


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("scalarisation"))
