"""Rows of the family `min_norm`."""

import moo
from tests.aggregators import oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    NON_CONFLICTING,
    Row,
    always,
    of_rows,
)

ROWS: dict[str, Row] = {
    "mgda": Row(
        build=moo.mgda,
        oracle=of_rows(oracles.min_norm),
        laws=EQUIVARIANT | HOMOGENEOUS | NON_CONFLICTING | {"stationary": always},
    ),
    "cagrad": Row(
        build=lambda m: moo.cagrad(m, c=1.0), laws=EQUIVARIANT | HOMOGENEOUS | NON_CONFLICTING
    ),
}
