"""Rows of the family `project`."""

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
    independent,
    movable,
    of_rows,
    two_rows,
    units,
)


def led(J):
    """Whether the first row is not 0, and some direction clearly decreases every loss."""
    return bool(J[0].any()) and movable(J[np.linalg.norm(J, axis=1) > 0])


def plain_pair(J):
    return len(J) == 2 and bool(np.linalg.norm(J, axis=1).all())


def unequal(J):
    """Whether the rows are clearly told apart by their lengths and by their angles."""
    n, cosines = np.linalg.norm(J, axis=1), units(J) @ units(J).T
    angles = np.sort(cosines[np.triu_indices(len(J), 1)])
    clear = len(angles) < 2 or np.diff(angles).min() > 1e-3
    return clear and independent(J) and np.diff(np.sort(n)).min(initial=1) > 1e-3


ROWS: dict[str, Row] = {
    "pcgrad": Row(
        build=moo.pcgrad,
        laws=ROTATION
        | LOSS_FREE
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | {"permutation_equivariant": two_rows, "non_conflicting": two_rows},
    ),
    "upgrad": Row(
        build=moo.upgrad,
        oracle=of_rows(oracles.upgrad),
        laws=ROTATION
        | LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | NON_CONFLICTING,
        breaks={"stationary": "pair, zero row"},
    ),
    "dual_proj": Row(
        build=moo.dual_proj,
        oracle=of_rows(oracles.dual_proj),
        laws=ROTATION | LOSS_FREE | EQUIVARIANT | HOMOGENEOUS | NON_CONFLICTING,
        breaks={"stationary": "pair, zero row"},
    ),
    "gradvac": Row(
        build=moo.gradvac,
        oracle=of_rows(lambda J: oracles.pcgrad_all(J).mean(0)),
        applies=plain_pair,
        laws=LOSS_FREE
        | ROTATION
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | {"permutation_equivariant": two_rows},
    ),
    "gradops": Row(
        build=moo.gradops,
        oracle=of_rows(gramian_oracles.gradops),
        applies=independent,
        laws=LOSS_FREE
        | EQUIVARIANT
        | ROTATION
        | HOMOGENEOUS
        | LINEAR_UNDER_SCALING
        | NON_CONFLICTING,
        breaks={"stationary": "pair, zero row"},
    ),
    "pcd": Row(
        build=moo.pcd,
        oracle=of_rows(gramian_oracles.pcd),
        applies=led,
        laws=LOSS_FREE
        | ROTATION
        | HOMOGENEOUS
        | {"row_scale_invariant": movable}
        | LINEAR_UNDER_SCALING,
    ),
    "gradcraft": Row(
        build=moo.gradcraft,
        oracle=of_rows(gramian_oracles.gradcraft),
        applies=independent,
        laws=LOSS_FREE
        | EQUIVARIANT
        | HOMOGENEOUS
        | {"orthogonal_equivariant": independent, "non_conflicting": two_rows},
    ),
    "gcond": Row(
        build=moo.gcond,
        oracle=of_rows(gramian_oracles.gcond),
        applies=unequal,
        laws=LOSS_FREE | ROTATION | {"permutation_equivariant": unequal},
        breaks={"homogeneous": "pair, near-stationary", "linear_under_scaling": "opposite"},
    ),
}
