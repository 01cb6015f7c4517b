"""Rows of the family `stochastic`."""

import numpy as np

import moo
from tests.aggregators import gramian_oracles, oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    LOSS_FREE,
    NON_CONFLICTING,
    ROTATION,
    Row,
    always,
    movable,
    of_rows,
    units,
)


def simplex(point):
    """Try every support of the projection onto the simplex; return the nearest."""
    best = None
    for support in oracles.supports(len(point))[1:]:
        guess = np.zeros(len(point))
        guess[support] = point[support] + (1 - point[support].sum()) / len(support)
        if guess.min() >= 0 and (
            best is None or np.linalg.norm(guess - point) < np.linalg.norm(best - point)
        ):
            best = guess
    return best


def stepped(J, slope):
    return simplex(np.full(len(J), 1 / len(J)) - 0.1 * slope) @ J


def moco(J):
    Y = 0.1 * J
    return 0.1 * stepped(J, Y @ Y.mean(axis=0))


def modo(J):
    return stepped(J, J @ J.mean(axis=0) + 0.1 / len(J))


def sdmgrad(J):
    return oracles.min_norm((J + 0.3 * J.mean(axis=0)) / 1.3)


def pike(J):
    growth = 0.1 * np.sum(J**2, axis=1)
    weights = np.exp(growth - growth.max())
    return weights / weights.sum() @ J


def moderate(J):
    """Whether no rounding of a gradient's square moves a multiplier by a visible part of 1."""
    return bool(np.linalg.norm(J, axis=1).max() < 100)


def even(J):
    """Whether one row's products do not drown another's in float32."""
    lengths = np.linalg.norm(J, axis=1)
    return bool(lengths.max() < 100 * lengths[lengths > 0].min(initial=np.inf))


def clear_conflicts(J):
    """Whether no cosine is so near the threshold that rounding decides."""
    return bool((np.abs(units(J) @ units(J).T + 0.25) > 1e-5).all())


CONVEX = EQUIVARIANT | ROTATION | HOMOGENEOUS | NON_CONFLICTING | {"stationary": always}

ROWS: dict[str, Row] = {
    "cr_mogm": Row(
        build=lambda m: moo.cr_mogm(m, initial="uniform"),
        oracle=of_rows(lambda J: 0.9 * J.mean(axis=0) + 0.1 * oracles.min_norm(J)),
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
    ),
    "moco": Row(
        build=moo.moco,
        oracle=of_rows(moco),
        applies=moderate,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION,
        breaks={"linear_under_scaling": "pair, scale trap"},
    ),
    "modo": Row(
        build=moo.modo,
        oracle=of_rows(modo),
        applies=moderate,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION,
        lazy=True,
    ),
    "calm": Row(
        build=moo.calm,
        oracle=of_rows(lambda J: J.mean(axis=0)),
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
        lazy=True,
    ),
    "sdmgrad": Row(
        build=moo.sdmgrad,
        oracle=of_rows(sdmgrad),
        applies=even,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
        lazy=True,
        breaks={"stationary": "pair, zero row", "non_conflicting": "pair, scale trap"},
    ),
    "sdmgrad_os": Row(
        build=lambda m: moo.sdmgrad_os(m, sample=1),
        laws=LOSS_FREE | ROTATION | HOMOGENEOUS,
        breaks={"linear_under_scaling": "random 0"},
    ),
    "stimulus": Row(
        build=moo.stimulus, oracle=of_rows(oracles.min_norm), laws=LOSS_FREE | CONVEX, lazy=True
    ),
    "psmgd": Row(
        build=moo.psmgd,
        oracle=of_rows(lambda J: len(J) * oracles.min_norm(J)),
        laws=LOSS_FREE | CONVEX,
    ),
    "pike": Row(
        build=moo.pike,
        oracle=of_rows(pike),
        applies=moderate,
        laws=EQUIVARIANT | ROTATION | LOSS_FREE,
        lazy=True,
    ),
    "alternation": Row(
        build=moo.alternation,
        oracle=of_rows(lambda J: J[0]),
        laws=LOSS_FREE
        | ROTATION
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | {"linear": always}
        | {"row_scale_invariant": always},
    ),
    "smg": Row(build=moo.smg, oracle=of_rows(oracles.min_norm), laws=LOSS_FREE | CONVEX),
    "son_goku": Row(
        build=moo.son_goku,
        oracle=of_rows(gramian_oracles.son_goku),
        applies=clear_conflicts,
        laws=LOSS_FREE | ROTATION | HOMOGENEOUS | LINEAR_UNDER_SCALING,
        breaks={"permutation_equivariant": "sign trap"},
    ),
    "vargrad": Row(
        build=moo.vargrad,
        laws=LOSS_FREE
        | EQUIVARIANT
        | ROTATION
        | {"non_conflicting": movable, "stationary": always},
    ),
}
