"""Each law as what it compares, and by how much the answers miss it."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.aggregators import oracles
from tests.aggregators.table import units

# What float32 answers to ill-conditioned rows may miss a law by, and those to random ones. A
# counterexample, mostly well-conditioned, misses more than either.
TOLERANCE, RANDOM_TOLERANCE, CLEAR = 1e-3, 5e-5, 1.1e-3
# What the float32 terms of v, of both signs, may leave of their total length where they cancel.
ROUNDING = 8 * float(np.finfo(np.float32).eps)


def permuted(probe, rng):
    order = rng.permutation(len(probe.losses)).astype(np.int32)
    return [type(probe)(*(field[order] for field in probe))]


def rotated(probe, rng):
    return [_with(probe, np.asarray(probe.rows, np.float64) @ rotation(probe.rows.shape[1]))]


def scaled(probe, rng):
    """Multiply by powers of two up to 2^100, as far as no entry leaves float32, and by 3."""
    sizes = np.abs(probe.matrix[probe.matrix != 0])
    low, high = np.log2(sizes.min(initial=1)), np.log2(sizes.max(initial=1))
    powers = 2.0 ** max(-100, np.ceil(-115 - low)), 2.0 ** min(100, np.floor(115 - high))
    return [_with(probe, probe.rows * np.float32(s)) for s in (*powers, 3)]


def row_scaled(probe, rng):
    decades = 10.0 ** rng.permutation(len(probe.losses))[:, None]
    return [_with(probe, probe.rows * decades)]


def row_sums(probe, rng):
    """Multiply the rows by c and by 1 + c."""
    c = rng.uniform(0.1, 3, (len(probe.losses), 1)).astype(np.float32)
    return [_with(probe, probe.rows * c), _with(probe, probe.rows * (1 + c))]


def sums(probe, rng):
    """Add another matrix K of the same scale: return K and the sum."""
    lengths = np.linalg.norm(probe.rows, axis=1, keepdims=True)
    other = np.float32(0.3 * lengths * rng.standard_normal(probe.rows.shape))
    return [_with(probe, other), _with(probe, probe.rows + other)]


def loss_scaled(probe, rng):
    return [probe._replace(losses=probe.losses * np.float32(3))]


def alone(probe, rng):
    return []


VARIANTS = {
    fn.__name__: fn for fn in (permuted, rotated, scaled, row_scaled, row_sums, sums, loss_scaled)
}


def _with(probe, rows):
    return probe._replace(rows=np.asarray(rows, np.float32))


@functools.cache
def rotation(d):
    return np.linalg.qr(np.random.default_rng(d).standard_normal((d, d)))[0]


def _apart(answer, other, factor=1.0):
    """Return |v - u/s| relative to the mass of both, over all steps."""
    mass = np.maximum(answer.mass, other.mass / factor)
    return _worst(np.linalg.norm(answer.v - other.v / factor, axis=-1) / mass)


def _worst(errors):
    """Return the largest error; what is not finite breaks every law."""
    worst = np.max(errors, initial=0.0)
    return float(worst) if np.isfinite(worst) else np.inf


def same(probes, answers):
    return _apart(*answers)


def turned(probes, answers):
    first, other = answers
    return _apart(first._replace(v=first.v @ rotation(first.v.shape[-1])), other)


def proportional(probes, answers):
    """Compare with v(sJ)/s."""
    first, *others = answers
    factors = [factor(probes[0], probe) for probe in probes[1:]]
    return _worst([_apart(first, u, s) for u, s in zip(others, factors, strict=True)])


def unchanged(probes, answers):
    return _worst([_apart(answers[0], other) for other in answers[1:]])


def factor(probe, other):
    """Return s of other = s J."""
    size = np.abs(probe.rows).max()
    return float(np.abs(other.rows).max() / size) if size else 1.0


def one_direction(probes, answers):
    first, other = (answer.v / answer.mass[:, None] for answer in answers)
    lengths = [np.linalg.norm(v, axis=-1, keepdims=True) for v in (first, other)]
    safe = [np.where(length > 0, length, 1) for length in lengths]
    gap = np.linalg.norm(first / safe[0] - other / safe[1], axis=-1)
    return _worst(gap * np.max(lengths, axis=0)[:, 0])


def additive(probes, answers):
    """Compare v(first) + v(second) with v(third)."""
    first, second, third = answers
    mass = np.maximum(np.maximum(first.mass, second.mass), third.mass)
    return _worst(np.linalg.norm(first.v + second.v - third.v, axis=-1) / mass)


def conflict(probes, answers):
    """Return how far v turns against a row, relative to |v|, beyond the rounding of its terms."""
    (probe,), (answer,) = probes, answers
    along = units(probe.matrix) @ answer.v.T
    beyond = np.maximum(-along.min(axis=0, initial=0.0) - ROUNDING * answer.mass, 0)
    return _worst(beyond / np.maximum(np.linalg.norm(answer.v, axis=-1), 1e-30))


def stationarity(probes, answers):
    """Return |v|, relative to the longest row, where the hull holds 0; else whether v is 0."""
    (probe,), (answer,) = probes, answers
    length = np.linalg.norm(answer.v, axis=-1)
    if np.linalg.norm(oracles.min_norm(units(probe.matrix))) > 1e-6:
        return float(length.min() == 0)
    if answer.weights is None:
        return _worst(length / answer.mass)
    longest = np.linalg.norm(probe.matrix, axis=1).max()
    return _worst(length / np.maximum(np.abs(answer.weights).sum(axis=-1) * longest, 1e-30))


def projection_spread(probes, answers):
    (probe,), (answer,) = probes, answers
    along = units(probe.matrix) @ answer.v.T
    spread = np.ptp(along, axis=0) if len(along) else np.zeros(len(answer.v))
    return _worst(spread / answer.mass)


# Where v(sJ) = s^(k + 1) v(J), and the weights s^k w(J), to the bit for powers of two: k.
POWER = {"homogeneous": 0, "scale_invariant": -1}


def changed_digits(law, probes, answers):
    """Count the entries of the weights (of v, for want of them) that are not s^k times as large."""
    first, *others = answers
    return sum(
        _differing(first, other, factor(probes[0], probe), POWER[law])
        for probe, other in zip(probes[1:], others, strict=True)
    )


def _differing(first, other, s, power):
    if other.weights is None:
        one, two = other.v, first.v * s ** (1 + power)
    else:
        one, two = other.weights, first.weights * s**power
    # float32 may round what is smaller to 0.
    tiny = 1e-36 if other.weights is None else 0
    one, two = (np.where(np.abs(x) < tiny, 0, x) for x in (one, two))
    return int(np.sum(~((one == two) | (np.isnan(one) & np.isnan(two)))))


class Check(NamedTuple):
    """How a law is tested.

    Attributes:
        variants: a key of `VARIANTS`, or "" for a law of one matrix.
        error: (probes, answers) -> how far they miss the law, relative to the answers' mass.
        tolerance: what may be missed on ill-conditioned rows.
    """

    variants: str
    error: Callable
    tolerance: float = TOLERANCE


LAWS = {
    "permutation_equivariant": Check("permuted", same),
    "orthogonal_equivariant": Check("rotated", turned),
    "homogeneous": Check("scaled", proportional),
    "scale_invariant": Check("scaled", unchanged),
    "row_scale_invariant": Check("row_scaled", one_direction),
    "loss_scale_invariant": Check("loss_scaled", same),
    "linear_under_scaling": Check("row_sums", additive),
    "linear": Check("sums", additive),
    "non_conflicting": Check("", conflict, 1e-5),
    "stationary": Check("", stationarity),
    "equal_projections": Check("", projection_spread),
}
