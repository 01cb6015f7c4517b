"""Rows of the family `project`."""

import moo
from tests.aggregators import oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    NON_CONFLICTING,
    Row,
    of_rows,
    two_rows,
)

ROWS: dict[str, Row] = {
    "pcgrad": Row(
        build=moo.pcgrad,
        laws=HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | {"permutation_equivariant": two_rows, "non_conflicting": two_rows},
    ),
    "upgrad": Row(
        build=moo.upgrad,
        oracle=of_rows(oracles.upgrad),
        laws=EQUIVARIANT | HOMOGENEOUS | LINEAR_UNDER_SCALING | NON_CONFLICTING,
    ),
    "dual_proj": Row(
        build=moo.dual_proj,
        oracle=of_rows(oracles.dual_proj),
        laws=EQUIVARIANT | HOMOGENEOUS | NON_CONFLICTING,
    ),
}
