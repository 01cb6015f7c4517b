"""Rows of the family `losses`."""

import moo
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    Row,
    of_rows,
)

ROWS: dict[str, Row] = {
    "mean": Row(
        build=moo.mean,
        oracle=of_rows(lambda J: J.mean(0)),
        laws=EQUIVARIANT | HOMOGENEOUS | LINEAR_UNDER_SCALING,
    ),
    "sum": Row(
        build=moo.sum,
        oracle=of_rows(lambda J: J.sum(0)),
        laws=EQUIVARIANT | HOMOGENEOUS | LINEAR_UNDER_SCALING,
    ),
    "uncertainty": Row(
        build=lambda m: moo.uncertainty(m, likelihood="gaussian"),
        oracle=of_rows(lambda J: J.sum(0) / 2),
        laws=EQUIVARIANT,
    ),
}
