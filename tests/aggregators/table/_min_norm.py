"""Rows of the family `min_norm`."""

import numpy as np

import moo
from tests.aggregators import gramian_oracles, oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LOSS_FREE,
    NON_CONFLICTING,
    ROTATION,
    Row,
    always,
    comparable,
    independent,
    movable,
    of_rows,
)


def no_zero_row(J):
    return bool(np.linalg.norm(J, axis=1).all())


def distinct(J):
    return independent(J) and comparable(J)


ROWS: dict[str, Row] = {
    "mgda": Row(
        build=moo.mgda,
        oracle=of_rows(oracles.min_norm),
        laws=ROTATION
        | LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | NON_CONFLICTING
        | {"stationary": always},
    ),
    "cagrad": Row(
        build=lambda m: moo.cagrad(m, c=1.0),
        laws=ROTATION | LOSS_FREE | EQUIVARIANT | HOMOGENEOUS | NON_CONFLICTING,
        breaks={"stationary": "pair, zero row"},
    ),
    "edm": Row(
        build=moo.edm,
        oracle=of_rows(gramian_oracles.edm),
        applies=independent,
        laws=LOSS_FREE
        | EQUIVARIANT
        | ROTATION
        | HOMOGENEOUS
        | NON_CONFLICTING
        | {"stationary": no_zero_row, "row_scale_invariant": movable},
        breaks={"equal_projections": "pair, zero row"},
    ),
    "capped_mgda": Row(
        build=moo.capped_mgda,
        oracle=of_rows(gramian_oracles.capped_mgda),
        applies=distinct,
        laws=LOSS_FREE | EQUIVARIANT | ROTATION | HOMOGENEOUS,
        breaks={
            "stationary": "pair, zero row",
            "non_conflicting": "pair, opposite",
            "linear_under_scaling": "rank 2",
        },
    ),
    "imgrad": Row(
        build=moo.imgrad,
        oracle=of_rows(gramian_oracles.imgrad),
        applies=distinct,
        laws=EQUIVARIANT | ROTATION | HOMOGENEOUS | LOSS_FREE,
    ),
}
