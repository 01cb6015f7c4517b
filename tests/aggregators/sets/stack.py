"""The one stack of what every method of sets is asked: degenerate sets, and what laws compare."""

from functools import cache

import jax
import numpy as np

from tests.aggregators.conformance.laws import rotation
from tests.aggregators.sets import worked
from tests.aggregators.sets.table import Asked, drawn, program, width

K, M = 3, 2
BAD = {"NaN": np.nan, "infinity": np.inf}
J = np.concatenate([worked.J, worked.J[:, ::-1, : width(M) - 3]], axis=2)


def _sets():
    """Name degenerate sets, and some in general position."""
    F, opposite = worked.F, J.copy()
    opposite[:, 1] = -2 * J[:, 0]
    fixed = {
        "worked": (J, F),
        "identical": (J[[0, 0, 0]], F[[0, 0, 0]]),
        "a pair": (J[[0, 0, 2]], F[[0, 0, 2]]),
        "dominated": (J, np.array([[1, 1], [2, 2], [3, 3.0]])),
        "tied": (J, np.array([[1, 2], [1, 3], [1, 4.0]])),
        "zero row": (J * [[0], [1]], F),
        "all zero": (0 * J, F),
        "opposite": (opposite, F),
        "small": (1e-20 * J, F),
        "row spread 1e12": (J * [[1e6], [1e-6]], F),
        "no losses": (J, 0 * F),
        "nothing": (0 * J, 0 * F),
    }
    given = {name: Asked(*case, worked.RAYS) for name, case in fixed.items()}
    return given | {f"random {seed}": drawn(seed, M, K) for seed in range(3)}


def permuted(asked, rng):
    return [Asked(*(field[:, ::-1] for field in asked))]


def rotated(asked, rng):
    return [asked._replace(rows=np.asarray(asked.rows, np.float64) @ rotation(width(M)))]


def scaled(asked, rng):
    rows = np.float32(asked.rows)
    return [asked._replace(rows=rows * np.float32(s)) for s in (2.0**100, 2.0**-100, 3)]


def row_scaled(asked, rng):
    return [asked._replace(rows=asked.rows * np.array([[10], [1]]))]


def row_sums(asked, rng):
    """Multiply the rows by c and by 1 + c."""
    c = rng.uniform(0.1, 3, (M, 1))
    return [asked._replace(rows=asked.rows * c), asked._replace(rows=asked.rows * (1 + c))]


def sums(asked, rng):
    """Add another matrix of the same scale: return it and the sum."""
    other = 0.3 * rng.standard_normal(asked.rows.shape)
    return [asked._replace(rows=other), asked._replace(rows=asked.rows + other)]


def loss_scaled(asked, rng):
    return [asked._replace(losses=3 * asked.losses)]


VARIANTS = {
    fn.__name__: fn for fn in (permuted, rotated, scaled, row_scaled, row_sums, sums, loss_scaled)
}
SETS = _sets()
# Losses without ties, so that every law is asked within its range.
LAWFUL = ("worked", "opposite", "zero row", "random 0", "random 1", "random 2")


def _spoilt():
    """Put what is not finite into a gradient of the second solution, and into its losses."""
    for name, value in BAD.items():
        for field in ("rows", "losses"):
            entries = getattr(SETS["worked"], field).copy()
            entries[(1, 0, 2)[: entries.ndim]] = value
            yield f"{name} in {field}", SETS["worked"]._replace(**{field: entries})


def _lanes():
    lanes = {("base", name): asked for name, asked in SETS.items()}
    lanes |= {("spoilt", name): asked for name, asked in _spoilt()}
    lanes["flipped", "worked"] = Asked(*(field[::-1] for field in SETS["worked"]))
    for kind, variants in VARIANTS.items():
        for k, name in enumerate(LAWFUL):
            for i, other in enumerate(variants(SETS[name], np.random.default_rng(k))):
                lanes[kind, name, i] = other
    return {key: Asked(*(np.float32(field) for field in asked)) for key, asked in lanes.items()}


LANES = _lanes()


@cache
def _outcome(name, flipped):
    stack = Asked(*(np.stack(field) for field in zip(*LANES.values(), strict=True)))
    return jax.tree.map(np.asarray, program(name, flipped)(stack))


@cache
def answer(name, *lane, flipped=False):
    """Return (state, v) of the first step on one lane."""
    place = list(LANES).index(lane)
    return jax.tree.map(lambda leaf: leaf[place], _outcome(name, flipped))
