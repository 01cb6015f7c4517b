"""Rows of the family `preference`; their losses are equal here, and on the ray of ones."""

import numpy as np

import moo
from tests.aggregators import oracles, preference_oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LOSS_FREE,
    NON_CONFLICTING,
    ROTATION,
    Row,
    always,
    independent,
    of_rows,
)


def equal(J):
    return np.full(len(J), 1 / len(J))


def even(J):
    """Whether no row is so short that the oracle's program or float32 products lose it."""
    lengths = np.linalg.norm(J, axis=1)
    return independent(J) and bool(lengths.max() < 100 * lengths.min())


def clear(J):
    """Whether the shortest vector is clearly on one side of the threshold."""
    part = preference_oracles.stationarity(J)
    return bool(part < 0.09 or part > 0.11)


def moderate(J):
    """Whether steps of the multipliers do not only round."""
    return bool(np.linalg.norm(J, axis=1).max() < 100)


ROWS: dict[str, Row] = {
    "epo": Row(
        build=moo.epo,
        level=True,
        oracle=lambda J, losses: preference_oracles.epo(J, losses, equal(J)) @ J,
        applies=even,
        laws=EQUIVARIANT
        | ROTATION
        | HOMOGENEOUS
        | NON_CONFLICTING
        | {"loss_scale_invariant": independent},
        breaks={"stationary": "pair, zero row"},
    ),
    "wc_mgda": Row(
        build=moo.wc_mgda,
        level=True,
        oracle=of_rows(lambda J: oracles.min_norm(J) / len(J)),
        laws=LOSS_FREE
        | EQUIVARIANT
        | ROTATION
        | HOMOGENEOUS
        | NON_CONFLICTING
        | {"stationary": always},
    ),
    "pmgda": Row(
        build=moo.pmgda,
        level=True,
        oracle=of_rows(oracles.min_norm),
        laws=EQUIVARIANT
        | ROTATION
        | HOMOGENEOUS
        | NON_CONFLICTING
        | {"stationary": always}
        | LOSS_FREE,
    ),
    "png": Row(
        build=moo.png,
        level=True,
        oracle=lambda J, losses: preference_oracles.png(J, 0 * losses) @ J,
        applies=clear,
        laws=EQUIVARIANT | ROTATION | HOMOGENEOUS | NON_CONFLICTING | LOSS_FREE,
        breaks={
            "scale_invariant": "pair, random 5",
            "row_scale_invariant": "pair, random 5",
            "linear": "rank 2, one side",
            "stationary": "near-stationary",
            "equal_projections": "pair, random 0",
        },
    ),
    "ferero": Row(
        build=moo.ferero,
        level=True,
        oracle=lambda J, losses: preference_oracles.ferero(J, losses, equal(J)) @ J,
        applies=moderate,
        laws=EQUIVARIANT | ROTATION | LOSS_FREE,
    ),
}
