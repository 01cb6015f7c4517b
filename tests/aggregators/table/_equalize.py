"""Rows of the family `equalize`."""

import numpy as np

import moo
from tests.aggregators import oracles
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    Row,
    independent,
    movable,
    of_rows,
    two_rows,
)


def clear_rank(J):
    """Whether no singular value is so small that float32 may take it for 0."""
    sizes = np.linalg.svd(J, compute_uv=False)
    faint = np.linalg.norm(J, axis=1).min(initial=np.inf) < 1e-4 * sizes[0]
    return not (faint and sizes[-1] < 1e-4 * sizes[0]) or not sizes[-1]


ROWS: dict[str, Row] = {
    "imtl_g": Row(
        build=moo.imtl_g,
        oracle=of_rows(oracles.imtl_g),
        applies=independent,
        laws=EQUIVARIANT
        | HOMOGENEOUS
        | {
            "equal_projections": independent,
            "row_scale_invariant": independent,
            "non_conflicting": two_rows,
        },
    ),
    "nash_mtl": Row(
        build=moo.nash_mtl,
        laws=EQUIVARIANT | {"non_conflicting": movable, "row_scale_invariant": movable},
    ),
    "aligned_mtl": Row(
        build=moo.aligned_mtl,
        oracle=of_rows(oracles.aligned_mtl),
        applies=clear_rank,
        laws=EQUIVARIANT | HOMOGENEOUS,
    ),
}
